/* Face verification: leads to the verification system's page and, back from there, waits for the result. */
(function () {
  "use strict";
  const esign = (window.esign = window.esign || {});
  const el = esign.el;
  const parts = esign.parts;

  function facts(data) {
    const until = esign.wording.moment(data.expiredAt);
    return el("dl", { class: "facts" }, [parts.fact("认证人", data.signer.name), until ? parts.fact("完成期限", until) : null]);
  }

  esign.views.face = function (data, flow) {
    const back = esign.session.fromFace;
    const heading = parts.heading(back ? "正在确认人脸识别结果" : "人脸识别");
    const factBox = el("div", {}, facts(data));
    const notice = parts.notice();
    const label = back ? "重新进行人脸识别" : "开始人脸识别";
    const go = el("button", { type: "button", class: back ? "button button-plain" : "button button-main", id: "start-face", onclick: start }, label);
    let starting = false;

    function start() {
      if (starting) return;
      starting = true;
      const done = parts.busy(go, "正在打开…");
      esign.api.face().then(function (result) {
        starting = false;
        done();
        const url = result.ok && result.data ? String(result.data.faceUrl) : "";
        if (/^https?:\/\//i.test(url)) {
          notice.say("info", "正在前往人脸识别页面…");
          location.assign(url);
        } else if (flow.divert(result)) {
          notice.say("info", result.message);
        } else {
          notice.say("warn", "人脸识别页面暂时打不开，请稍等片刻再试。已签署的协议不受影响。");
        }
      });
    }

    return {
      root: el("div", {}, [
        heading,
        el(
          "p",
          { class: "lead" },
          back
            ? "认证机构正在返回结果，通常几秒钟就好，本页会自动更新。如果刚才没有完成，可以重新进行。"
            : "协议已签署。为确认是您本人办理，还需要进行一次人脸识别，大约需要一分钟。",
        ),
        el("section", { class: "card" }, [factBox, notice.root, go]),
        parts.next("请留意", [
          "请由签署人本人在光线充足的地方操作，并允许使用摄像头。",
          "完成后会自动回到本页；没有自动返回时，打开短信里的同一个链接即可。",
          "暂时不方便可以先关闭，在期限之前再来。",
        ]),
      ]),
      heading: heading,
      title: "人脸识别",
      step: 2,
      pace: back ? [3, 30] : [8, 60],
      update: function (fresh) {
        factBox.textContent = "";
        factBox.appendChild(facts(fresh));
      },
    };
  };
})();

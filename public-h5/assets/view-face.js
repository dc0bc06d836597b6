/* Face verification: leads to the verification system's page and, back from there, waits for the result. */
(function () {
  "use strict";
  const esign = (window.esign = window.esign || {});
  const el = esign.el;
  const parts = esign.parts;
  /** Seconds between the asks for a face page that is being made anew, because the link of the last one has expired. */
  const ANEW = [2, 3, 5, 8, 12];
  /** Seconds after which the button works again when the page was not left: an app may have taken the link over. */
  const TAKEN_OVER = 6;

  function facts(data) {
    const until = esign.wording.moment(data.expiredAt);
    return el("dl", { class: "facts" }, [parts.fact("认证人", data.signer.name), until ? parts.fact("完成期限", until) : null]);
  }

  esign.views.face = function (data, flow) {
    const heading = parts.heading("人脸识别");
    const lead = el("p", { class: "lead" }, "协议已签署。为确认是您本人办理，还需要进行一次人脸识别，大约需要一分钟。");
    const factBox = el("div", {}, facts(data));
    const notice = parts.notice();
    const go = el("button", { type: "button", class: "button button-main", id: "start-face", onclick: press }, "开始人脸识别");
    let until = data.expiredAt;
    let release = null;
    let timer = null;
    let tries = 0;
    let left = false;
    let closed = false;

    /** From now on the signer has been to the face page: the result is awaited, and starting again is the exception. */
    function returned() {
      heading.textContent = "正在确认人脸识别结果";
      lead.textContent = "认证机构正在返回结果，通常几秒钟就好，本页会自动更新，请不要关闭。如果刚才没有做完，可以重新进行。";
      go.textContent = "重新进行人脸识别";
      go.className = "button button-plain";
      view.pace = [3, 30];
    }

    function unlock() {
      view.holds = false;
      clearTimeout(timer);
      if (release) release();
      release = null;
    }

    function press() {
      if (release) return;
      tries = 0;
      release = parts.busy(go, "正在打开…");
      notice.clear();
      ask();
    }

    function ask() {
      esign.api.face().then(function (result) {
        if (closed) return;
        const url = result.ok && result.data ? String(result.data.faceUrl) : "";
        if (/^https?:\/\//i.test(url)) {
          notice.say("info", "正在前往人脸识别页面…");
          left = true;
          timer = setTimeout(unlock, TAKEN_OVER * 1000);
          location.assign(url);
        } else if (result.code === "PROCESS_STATE_INVALID") {
          anew(result);
        } else {
          unlock();
          if (flow.divert(result)) notice.say("info", result.message);
          else if (result.http === 429) notice.say("warn", "操作过于频繁，请等 " + esign.wording.wait(result.retryAfter || 60) + "再点一次。");
          else notice.say("warn", "人脸识别页面暂时打不开，请检查网络，稍等片刻再点一次。已签署的协议不受影响。");
        }
      });
    }

    /** Out of turn: the process has moved on, which the state will show, or the next attempt is still being started. */
    function anew(result) {
      view.holds = tries < ANEW.length;
      flow.divert(result);
      if (view.holds) {
        notice.say("info", "新的人脸识别页面正在准备，准备好后会自动打开，请稍候…");
        timer = setTimeout(again, ANEW[tries] * 1000);
        tries += 1;
        return;
      }
      unlock();
      notice.say("warn", "新的人脸识别页面还没有准备好，请过一会儿再点一次。已签署的协议不受影响。");
    }
    function again() {
      if (!document.hidden) return ask();
      // Nobody is looking: a page that opens by itself now would only surprise.
      unlock();
      notice.say("info", "请再点一次按钮，打开人脸识别页面。");
    }

    const view = {
      root: el("div", {}, [
        heading,
        lead,
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
      pace: [8, 60],
      /** True while a new attempt is waited for: the view stays although the check has not started yet. */
      holds: false,
      update: function (fresh) {
        if (fresh.expiredAt === until) return;
        until = fresh.expiredAt;
        factBox.textContent = "";
        factBox.appendChild(facts(fresh));
      },
      /** The page is looked at again, from the browser's memory or from another app. */
      back: function () {
        if (!left) return;
        left = false;
        unlock();
        notice.clear();
        returned();
      },
      close: function () {
        closed = true;
        clearTimeout(timer);
      },
    };
    if (esign.session.fromFace) returned();
    return view;
  };
})();

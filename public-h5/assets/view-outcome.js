/* Where a signing ends, and where the page cannot go on: what happened, and what to do next. */
(function () {
  "use strict";
  const esign = (window.esign = window.esign || {});
  const el = esign.el;
  const parts = esign.parts;

  /** The shared shape: a mark, a heading, sentences, extra parts, what comes next. */
  function outcome(row) {
    const heading = parts.heading(row.title);
    return {
      root: el("div", {}, [
        el(
          "section",
          { class: "card status status-" + row.tone },
          [el("div", { class: "mark", "aria-hidden": "true" }, row.mark), heading]
            .concat(row.text.map(function (line) {
              return line ? el("p", {}, line) : null;
            }))
            .concat(row.extra || []),
        ),
        row.next ? parts.next(row.nextTitle || "接下来怎么办", row.next) : null,
      ]),
      heading: heading,
      title: row.title,
      step: row.step,
      pace: row.pace,
      update: row.update,
    };
  }

  esign.views.completed = function (_data, flow) {
    const notice = parts.notice();
    const get = el("button", { type: "button", class: "button button-main", id: "download", onclick: download }, "下载已签署的协议（PDF）");
    const inWeChat = /MicroMessenger/i.test(navigator.userAgent);
    let fetching = false;

    /** Links to the copy live for minutes only: a fresh one is asked for on each press. */
    function download() {
      if (fetching) return;
      fetching = true;
      const done = parts.busy(get, "正在取得文件…");
      esign.api.process().then(function (result) {
        fetching = false;
        done();
        const url = result.ok && result.data ? String(result.data.downloadUrl) : "";
        if (/^https?:\/\//i.test(url)) {
          notice.say("info", "正在打开文件。下载链接几分钟内有效，过期后可以再点一次。");
          location.assign(url);
        } else if (flow.divert(result)) {
          return;
        } else {
          notice.say("warn", "暂时取不到文件，请检查网络后再点一次。");
        }
      });
    }

    return outcome({
      tone: "good",
      mark: "✓",
      step: 3,
      title: "签约已完成",
      text: ["协议已签署，身份认证已通过，协议已经生效。系统会把结果通知发起方，您不用再做其他操作。"],
      extra: [get, notice.root],
      nextTitle: "保存协议",
      next: [
        "建议现在下载并保存一份协议。之后 30 天内，打开短信里的同一个链接也可以下载。" +
          (inWeChat ? "微信里打不开文件时，请点右上角，选择“在浏览器打开”，或把短信中的链接复制到手机浏览器。" : ""),
      ],
    });
  };

  /** What to mind the next time, by how the signer was verified; nobody verified means nothing was signed. */
  const NEXT_TIME = {
    REMITTANCE: "重新办理之前，请先确认登记的结算账户无误，并且您能查到它的银行流水（金额和备注）。",
    FACE: "重新办理之前，请先核对登记的姓名和身份证号；识别时由签署人本人在光线充足的地方操作。",
  };

  esign.views.failed = function (data) {
    const check = data.verification;
    return outcome({
      tone: "stop",
      mark: "!",
      title: "本次签约已终止",
      text: [
        data.failureReason ? "原因：" + data.failureReason.replace(/[。.]$/, "") + "。" : "本次签约没有完成。",
        check ? "您已签署的这份协议不会生效。" : "您没有签署任何内容，这份协议不会生效。",
      ],
      next: ["这个链接不能再继续办理。如需重新签约，请联系发起方重新发起，您会收到一条新的短信，打开其中的新链接办理。"].concat((check && NEXT_TIME[check.type]) || []),
    });
  };

  esign.views.expired = function (data) {
    const signed = Boolean(data && data.verification);
    return outcome({
      tone: "stop",
      mark: "!",
      title: "已超过办理期限",
      text: [signed ? "身份认证没有在期限内完成，本次签约已结束，这份协议不会生效。" : "协议没有在期限内签署，本次签约已结束。您没有签署任何内容。"],
      next: ["如仍需签约，请联系发起方重新发起。您会收到一条新的短信，打开其中的新链接办理。"],
    });
  };

  esign.views.unlinked = function () {
    // A face app may lead back into another browser, or the phone has dropped the tab meanwhile: the link of the SMS still works.
    const back = esign.session.fromFace;
    return outcome({
      tone: "plain",
      mark: "i",
      title: back ? "请重新打开短信里的链接" : "请从短信打开链接",
      text: [
        back
          ? "您已离开人脸识别页面，但手机换了一个窗口打开本页，这里认不出是哪一次签约。人脸识别的结果不受影响，不用重做。"
          : "为保护您的信息，本页只能通过签约短信里的链接打开。",
      ],
      next: ["回到手机短信，找到签约通知，点开其中的链接" + (back ? "，就能看到结果" : "") + "。办理进度不会丢失。"],
    });
  };

  esign.views.invalid = function () {
    return outcome({
      tone: "plain",
      mark: "i",
      title: "链接无效或已失效",
      text: ["这个链接无法识别。可能是链接不完整，或者签约早已结束。"],
      next: ["请打开最新一条签约短信里的完整链接；仍然不行，请联系发起方。"],
    });
  };

  esign.views.tampered = function (_data, flow) {
    return outcome({
      tone: "stop",
      mark: "!",
      title: "协议内容未通过校验",
      text: ["收到的协议与登记的内容不一致，可能在传输中被改动。为保护您，本页没有显示它，也不能签署。"],
      extra: [el("button", { type: "button", class: "button button-main", onclick: flow.load }, "重新获取协议")],
      next: ["换一个网络（例如关闭公共 Wi-Fi，改用手机流量）后再试；仍然出现，请联系发起方。"],
    });
  };

  esign.views.unreachable = function (_data, flow) {
    let release = null;
    const retry = el("button", { type: "button", class: "button button-main", id: "retry", onclick: press }, "立即重试");
    function press() {
      if (!release) release = parts.busy(retry, "正在连接…");
      flow.load();
    }
    return outcome({
      tone: "plain",
      mark: "…",
      title: "暂时连接不上",
      text: ["可能是网络不稳定，或者系统正忙。本页会自动重试，您的办理进度不会丢失。"],
      extra: [retry],
      next: ["请检查手机网络。也可以稍后再打开短信里的同一个链接。"],
      pace: [3, 30],
      update: function () {
        if (release) release();
        release = null;
      },
    });
  };
})();

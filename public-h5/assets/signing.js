/* The two calls behind the agreement: recording that it is shown, and the signature. One signature however often it is tapped. */
(function () {
  "use strict";
  const esign = (window.esign = window.esign || {});
  /** Seconds between tries to record the display. */
  const OPEN_AGAIN = [2, 4, 8, 15, 30];

  /** `parts`: {flow, button, notice, protocol, countdown, code, missing(), missingLine, refresh(), body()}. */
  esign.signing = function (parts) {
    const flow = parts.flow;
    const notice = parts.notice;
    let opened = false;
    let opening = false;
    let openTries = 0;
    let unheard = false;
    let openTimer = null;
    let signing = false;
    let closed = false;

    /** Records the display; the platform's reading clock starts with the first one, ours when it answered. */
    function open() {
      if (opened || opening || closed) return;
      opening = true;
      clearTimeout(openTimer);
      esign.api.open(parts.protocol.protocolHash).then(function (result) {
        opening = false;
        if (closed) return;
        if (result.ok) {
          opened = true;
          unheard = false;
          parts.countdown.start(Number(parts.protocol.readSeconds) || 0);
        } else if (!flow.divert(result)) {
          const wait = Math.max(OPEN_AGAIN[Math.min(openTries, OPEN_AGAIN.length - 1)], result.retryAfter || 0);
          openTries += 1;
          unheard = !result.reached;
          openTimer = setTimeout(open, wait * 1000);
        }
        parts.refresh();
      });
    }

    function press() {
      if (signing) return;
      const missing = parts.missing();
      if (missing) {
        // The line above the button says what is missing; where focus moves to it, nothing more need be said.
        parts.missingLine.classList.add("is-called");
        if (missing.say) notice.say("info", missing.say);
        else notice.clear();
        if (missing.go) missing.go();
        return;
      }
      signing = true;
      parts.refresh();
      notice.say("info", "正在提交签署，请稍候…");
      const done = esign.parts.busy(parts.button, "正在签署…");
      flow.acting(true);
      esign.api.sign(parts.body()).then(function (result) {
        flow.acting(false);
        if (closed) return flow.load();
        return answer(result).then(function () {
          signing = false;
          done();
          parts.refresh();
        });
      });
    }

    function answer(result) {
      if (result.ok) {
        notice.say("info", "签署成功。");
        flow.accept(result.data);
        return flow.load();
      }
      if (flow.divert(result)) {
        notice.say("info", result.message);
        return Promise.resolve();
      }
      if (result.code === "SMS_CODE_INVALID") {
        notice.clear();
        if (parts.code) parts.code.fail((result.message || "验证码不正确或已失效") + "。请核对最新一条短信，或重新获取。");
        else notice.say("warn", result.message);
        return Promise.resolve();
      }
      if (result.code === "READING_INCOMPLETE") {
        // The platform measures the time itself; when it says "too short", ours starts again.
        notice.say("warn", result.message || "请完整阅读协议并逐项确认后再签署。");
        opened = false;
        open();
        return Promise.resolve();
      }
      if (esign.uncertain(result)) return findOut();
      notice.say("warn", (result.message || "暂时无法签署") + (result.retryAfter ? "（请等 " + esign.wording.wait(result.retryAfter) + "）" : ""));
      return Promise.resolve();
    }

    /** Nobody knows whether the signature arrived: the state is asked for until there is an answer, and decides. */
    function findOut() {
      notice.say("warn", "网络中断，暂时不确定签署是否已送达。正在查询，请不要关闭本页…");
      return flow.loadUntilKnown(function () {
        return closed;
      }).then(function () {
        if (closed) return;
        notice.say("warn", "已查明：刚才的签署没有送达，协议尚未签署。您可以再点一次“" + parts.button.getAttribute("data-label") + "”，不会重复签署。");
      });
    }

    parts.button.setAttribute("data-label", parts.button.textContent);
    parts.button.addEventListener("click", press);
    return {
      open: open,
      opened: function () {
        return opened;
      },
      /** True from the press until it is known what became of it. */
      underWay: function () {
        return signing;
      },
      /** True while recording the display fails for want of a network. */
      unheard: function () {
        return unheard;
      },
      close: function () {
        closed = true;
        clearTimeout(openTimer);
      },
    };
  };
})();

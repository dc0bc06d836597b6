/* The six-digit code that goes to the signer's phone: asking for it, waiting before asking again, typing it in. */
(function () {
  "use strict";
  const esign = (window.esign = window.esign || {});
  const el = esign.el;
  const ASK = "获取验证码";

  /** `mobile` is masked. `changed()` is called when the code may have become complete; `divert` is the flow's. */
  esign.signCode = function (mobile, changed, divert) {
    const notice = esign.parts.notice();
    const ask = el("button", { type: "button", class: "button button-side", id: "ask-code", onclick: request }, ASK);
    const field = esign.parts.field({
      id: "sms-code",
      label: "短信验证码（6 位数字）",
      hint: "验证码会发送到您的手机 " + mobile + "，5 分钟内有效。",
      input: { inputmode: "numeric", autocomplete: "one-time-code", pattern: "[0-9]*", maxlength: "6", oninput: typed, onpaste: pasted },
      beside: ask,
    });
    let asked = false;
    let asking = false;
    let wait = 0;
    const pause = esign.reading.countdown(function (left) {
      wait = left;
      ask.textContent = left > 0 ? left + " 秒后重发" : asked ? "重新获取" : ASK;
      if (left > 0) ask.setAttribute("aria-disabled", "true");
      else if (!asking) ask.removeAttribute("aria-disabled");
    });

    function typed() {
      const clean = esign.wording.digits(field.input.value);
      if (clean !== field.input.value) field.input.value = clean;
      field.clear();
      changed();
    }
    /** A pasted sentence keeps its six digits. */
    function pasted(event) {
      const text = event.clipboardData ? event.clipboardData.getData("text") : "";
      const found = /\d{6}/.exec(text.normalize ? text.normalize("NFKC") : text);
      if (!found) return;
      event.preventDefault();
      field.input.value = found[0];
      typed();
    }

    function request() {
      if (asking) return;
      if (wait > 0) {
        notice.say("info", "验证码刚刚发送过，请等 " + wait + " 秒后再重新获取。");
        return;
      }
      asking = true;
      const done = esign.parts.busy(ask, "正在发送…");
      notice.clear();
      field.clear();
      esign.api.signCode().then(function (result) {
        asking = false;
        done();
        answer(result);
      });
    }

    function answer(result) {
      if (result.ok) {
        asked = true;
        pause.start(Number(result.data && result.data.resendAfter) || 60);
        notice.say("info", "验证码已发送到 " + mobile + "，请查看短信后填写。重新获取后，之前的验证码不再有效。");
        field.input.value = "";
        field.input.focus();
      } else if (divert(result)) {
        return;
      } else if (result.http === 429) {
        // Too often means that a code went out before: from another tab, or by a call that the browser repeated by itself.
        asked = true;
        if (result.retryAfter) pause.start(result.retryAfter);
        notice.say("warn", (result.message || "获取验证码过于频繁") + (result.retryAfter ? "（请等 " + esign.wording.wait(result.retryAfter) + "）" : ""));
      } else if (result.code === "SMS_SEND_FAILED") {
        notice.say("warn", "短信没有发送成功，本次不计入次数。请稍等片刻，再点“获取验证码”。");
      } else if (esign.uncertain(result)) {
        asked = true;
        notice.say("warn", "网络不稳定，不确定验证码是否已发出。请先留意手机短信；一分钟后仍未收到，再重新获取。");
      } else {
        notice.say("warn", result.message || "暂时无法发送验证码，请稍后再试。");
      }
      pause.start(wait);
      changed();
    }

    return {
      root: el("section", { class: "card", "aria-labelledby": "code-title" }, [el("h2", { id: "code-title" }, "短信验证"), field.root, notice.root]),
      value: function () {
        return field.input.value;
      },
      complete: function () {
        return field.input.value.length === 6;
      },
      /** Moves to what is to be done: the button first, the input once a code is on its way. */
      go: function () {
        (asked ? field.input : ask).focus();
      },
      fail: function (text) {
        notice.clear();
        field.fail(text);
        field.input.focus();
      },
      close: pause.close,
    };
  };
})();

/* Refusing to sign: a quiet link leads here; a reason is chosen and the consequence is said before anything is sent. */
(function () {
  "use strict";
  const esign = (window.esign = window.esign || {});
  const el = esign.el;
  const REASONS = ["协议中的信息有误", "不同意协议条款", "不是本人或无权签署", "其他原因"];

  /** `cancel()` goes back to the agreement; `flow` takes the outcome. */
  esign.decline = function (flow, cancel) {
    const notice = esign.parts.notice();
    const heading = esign.parts.heading("拒绝签署");
    const other = esign.parts.field({ id: "decline-other", label: "补充说明（选填）", input: { maxlength: "100" } });
    const radios = REASONS.map(function (reason, index) {
      const input = el("input", { type: "radio", name: "decline-reason", id: "decline-" + index, value: reason, class: "tick-box" });
      return el("label", { class: "tick", for: "decline-" + index }, [input, el("span", { class: "tick-text" }, reason)]);
    });
    const confirm = el("button", { type: "button", class: "button button-danger", id: "decline-confirm", onclick: send }, "确认拒绝签署");
    const back = el("button", { type: "button", class: "button button-plain", id: "decline-cancel", onclick: cancel }, "返回继续阅读");
    let sending = false;
    let closed = false;

    const root = el("section", { class: "card decline", id: "decline", hidden: true }, [
      heading,
      el("p", {}, "拒绝后，本次签约立即终止，不能恢复；如需再签，要由发起方重新发起。"),
      el("fieldset", { class: "choices" }, [el("legend", {}, "请选择拒绝的原因")].concat(radios)),
      other.root,
      notice.root,
      confirm,
      back,
    ]);

    function send() {
      if (sending) return;
      const chosen = root.querySelector("input[type=radio]:checked");
      if (!chosen) {
        notice.say("warn", "请先选择一个原因。");
        root.querySelector("input[type=radio]").focus();
        return;
      }
      const more = other.input.value.trim();
      sending = true;
      const done = esign.parts.busy(confirm, "正在提交…");
      flow.acting(true);
      esign.api.decline(chosen.value + (more ? "：" + more : "")).then(function (result) {
        sending = false;
        done();
        if (result.ok) {
          // What the page now shows is this press's doing, and nobody else's.
          flow.load().then(function () {
            flow.acting(false);
          });
          return;
        }
        flow.acting(false);
        if (flow.divert(result)) {
          notice.say("info", result.message);
        } else if (esign.uncertain(result)) {
          notice.say("warn", "网络中断，暂时不确定是否已提交。正在查询，请不要关闭本页…");
          flow.loadUntilKnown(function () {
            return closed;
          }).then(function () {
            if (!closed) notice.say("warn", "已查明：刚才的提交没有送达，协议没有变化。您可以再点一次，或者返回继续阅读。");
          });
        } else {
          notice.say("warn", result.message || "暂时无法提交，请稍后再试。");
        }
      });
    }

    return {
      root: root,
      open: function () {
        root.hidden = false;
        window.scrollTo(0, 0);
        heading.focus();
      },
      hide: function () {
        root.hidden = true;
      },
      close: function () {
        closed = true;
      },
    };
  };
})();

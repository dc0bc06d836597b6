/* Remittance verification, of a company or a person: a small sum comes to the signing party's account; the signer reports its amount and remark. */
(function () {
  "use strict";
  const esign = (window.esign = window.esign || {});
  const el = esign.el;
  const parts = esign.parts;

  function facts(data) {
    const until = esign.wording.moment(data.expiredAt);
    const left = data.verification.remainingAttempts;
    return el("dl", { class: "facts" }, [
      typeof left === "number" ? parts.fact("剩余机会", "还可提交 " + left + " 次") : null,
      until ? parts.fact("完成期限", until) : null,
    ]);
  }

  function lastChance(data) {
    return data.verification.remainingAttempts === 1 ? "这是最后一次机会：如果不一致，本次签约将终止。请对照银行流水逐字核对后再提交。" : "";
  }

  esign.views.remittance = function (data, flow) {
    const heading = parts.heading("打款验证");
    const factBox = el("div", {}, facts(data));
    const warning = el("p", { class: "caution" }, lastChance(data));
    const amount = parts.field({
      id: "amount",
      label: "到账金额（元）",
      hint: "精确到分，例如 0.12",
      input: { inputmode: "decimal", maxlength: "12", oninput: clear },
    });
    const remark = parts.field({
      id: "remark",
      label: "打款备注",
      hint: "银行流水中的“附言”“摘要”或“用途”，请原样填写",
      input: { maxlength: "64", oninput: clear },
    });
    const notice = parts.notice();
    const submit = el("button", { type: "submit", class: "button button-main", id: "submit-answer" }, "提交验证");
    const form = el("form", { class: "card", id: "remittance", novalidate: true, "aria-labelledby": "answer-title", onsubmit: send }, [
      el("h2", { id: "answer-title" }, "收到款项后，在这里填写"),
      factBox,
      warning,
      amount.root,
      remark.root,
      notice.root,
      submit,
    ]);
    let sending = false;
    let closed = false;

    function clear() {
      amount.clear();
      remark.clear();
    }
    function refuse(field, text) {
      field.fail(text);
      field.input.focus();
    }

    function send(event) {
      event.preventDefault();
      if (sending) return;
      clear();
      const value = esign.wording.amount(amount.input.value);
      const words = remark.input.value.trim();
      if (!value) return refuse(amount, "请按银行流水填写金额，精确到分，例如 0.12。");
      if (!words) return refuse(remark, "请填写打款备注。");
      amount.input.value = value;
      sending = true;
      notice.say("info", "正在核对，请稍候…");
      const done = parts.busy(submit, "正在核对…");
      flow.acting(true);
      esign.api.remittance(value, words).then(function (result) {
        flow.acting(false);
        sending = false;
        done();
        if (closed) flow.load();
        else answer(result);
      });
    }

    function answer(result) {
      if (result.ok) {
        flow.accept(result.data, { confirming: true });
        flow.load();
      } else if (result.code === "VERIFICATION_MISMATCH") {
        const left = result.data ? result.data.remainingAttempts : null;
        if (left === 0) {
          // The last attempt is gone, but the end comes from the verification system: what waits for it looks again by itself.
          flow.accept({}, { confirming: true });
          flow.load();
          return;
        }
        if (typeof left === "number") flow.accept({ verification: Object.assign({}, flow.data().verification, { remainingAttempts: left }) });
        notice.say("warn", "金额或备注与打款记录不一致" + (typeof left === "number" ? "，还可以提交 " + left + " 次" : "") + "。请对照银行流水核对两项内容，再重新填写。");
        amount.input.focus();
      } else if (flow.divert(result)) {
        notice.say("info", result.message);
      } else if (result.http === 400) {
        const field = result.errors.length ? result.errors[0].field : "amount";
        refuse(field === "remark" ? remark : amount, (result.errors[0] && result.errors[0].message) || result.message || "填写的内容格式不对，请检查。");
        notice.say("info", "格式不对的提交不计入次数。");
      } else if (esign.uncertain(result)) {
        notice.say("warn", "核对没有得到答复，暂时不确定这次提交是否计入次数。本页不会自动重新提交；正在查询最新状态…");
        flow.loadUntilKnown(function () {
          return closed;
        }).then(function () {
          if (!closed) notice.say("warn", "刚才的提交没有得到核对结果。请先看上面的剩余机会，确认内容无误后可以再次提交。");
        });
      } else {
        notice.say("warn", (result.message || "暂时无法提交") + (result.retryAfter ? "（请等 " + esign.wording.wait(result.retryAfter) + "）" : ""));
      }
    }

    return {
      root: el("div", {}, [
        heading,
        el("p", { class: "lead" }, "协议已签署。为确认确由贵方办理，认证机构会向贵方的银行账户汇入一笔小额款项，款项归贵方所有。"),
        parts.next("怎么做", [
          "等待到账：" + (data.verification.arrivalHint || "款项一般在 1–3 个工作日内到账") + "。",
          "在手机银行、网上银行或银行流水中找到这笔款项，记下金额和备注。",
          "回到本页填写。可以先关闭，之后打开短信里的同一个链接即可。",
        ]),
        form,
      ]),
      heading: heading,
      title: "打款验证",
      step: 2,
      // Another phone may answer, and the result may come without an answer.
      pace: [15, 120],
      update: function (fresh) {
        factBox.textContent = "";
        factBox.appendChild(facts(fresh));
        warning.textContent = lastChance(fresh);
      },
      close: function () {
        closed = true;
      },
    };
  };
})();

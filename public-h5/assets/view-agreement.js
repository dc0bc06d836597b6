/* Reading and signing: the agreement, its key clauses one by one, consent, the code, and one button that says what is missing. */
(function () {
  "use strict";
  const esign = (window.esign = window.esign || {});
  const el = esign.el;
  const parts = esign.parts;

  /** The agreement's card, rebuilt from its markup. */
  function agreementCard(protocol) {
    const article = el("article", { class: "agreement", "aria-label": protocol.protocolName, lang: "zh-CN" });
    esign.agreementHtml.render(protocol.html, article);
    const end = el("p", { class: "agreement-end", id: "agreement-end", tabindex: "0" }, "协议正文到此结束");
    const card = el("section", { class: "card agreement-card", "aria-label": "协议正文" }, [
      article,
      end,
    ]);
    return { root: card, article: article, end: end };
  }

  function clauseCard(clauses, changed) {
    const count = el("span", { class: "count" });
    const ticks = clauses.map(function (clause, index) {
      return parts.tick("clause-" + (index + 1), clause.text, update);
    });
    function done() {
      return ticks.filter(function (each) {
        return each.input.checked;
      }).length;
    }
    function update() {
      count.textContent = "已确认 " + done() + "/" + ticks.length;
      changed();
    }
    count.textContent = "已确认 0/" + ticks.length;
    return {
      root: ticks.length
        ? el("section", { class: "card", "aria-labelledby": "clauses-title" }, [
            el("h2", { id: "clauses-title" }, ["重点条款 ", count]),
            el("p", {}, "下面的条款与您的权利关系重大，请逐条阅读，理解后勾选。"),
            el("div", { class: "ticks" }, ticks.map(function (each) {
              return each.root;
            })),
          ])
        : null,
      done: done,
      total: ticks.length,
      go: function () {
        const open = ticks.filter(function (each) {
          return !each.input.checked;
        })[0];
        if (open) open.input.focus();
      },
      ids: function () {
        return clauses
          .filter(function (_clause, index) {
            return ticks[index].input.checked;
          })
          .map(function (clause) {
            return clause.id;
          });
      },
    };
  }

  function facts(data) {
    const until = esign.wording.moment(data.expiredAt);
    return el("dl", { class: "facts" }, [
      parts.fact("签署人", data.signer.name + "  " + data.signer.mobile),
      until ? parts.fact("签署截止", until) : null,
    ]);
  }

  esign.views.agreement = function (data, flow) {
    const heading = parts.heading(data.page.title);
    const factBox = el("div", {}, facts(data));
    const agreement = agreementCard(data.protocol);
    const clauses = clauseCard(data.protocol.keyClauses, refresh);
    const consent = parts.tick("consent", data.page.consent, refresh);
    const code = data.smsCode.required ? esign.signCode(data.signer.mobile, refresh, flow.divert) : null;
    const notice = parts.notice();
    const missing = el("p", { class: "bar-missing", id: "missing" });
    const clock = el("p", { class: "bar-clock", id: "reading-clock" });
    const progress = el("progress", { class: "bar-progress", max: "100", value: "0", "aria-label": "协议阅读进度" });
    const button = el("button", { type: "button", class: "button button-main", id: "sign", "aria-describedby": "missing reading-clock" }, data.page.button);
    const bar = el("div", { class: "bar" }, [notice.root, el("div", { class: "bar-line" }, [missing, clock]), progress, button]);
    const reader = el("div", { class: "reader" }, [
      heading,
      el("p", { class: "lead" }, data.page.intro),
      factBox,
      agreement.root,
      clauses.root,
      el("section", { class: "card", "aria-labelledby": "consent-title" }, [el("h2", { id: "consent-title" }, "确认意愿"), consent.root]),
      code ? code.root : null,
      parts.next("签署之后", ["签署后还要完成一次身份认证，本页会一步一步告诉您怎么做。认证通过后协议才生效。"]),
      el("p", { class: "quiet" }, el("button", { type: "button", class: "link", id: "decline-open", onclick: openDecline }, "拒绝签署")),
      bar,
    ]);
    const decline = esign.decline(flow, closeDecline);
    const root = el("div", {}, [reader, decline.root]);
    let until = data.expiredAt;
    const countdown = esign.reading.countdown(refresh);
    const tracker = esign.reading.track(agreement.article, agreement.end, covered, refresh);
    let place = 0;

    /** A message in the bar comes and goes: it does not count. */
    function isTall() {
      return bar.offsetHeight - notice.root.offsetHeight > window.innerHeight / 3;
    }
    /** Fits bar and tables to the screen and the size of the text. */
    function fit() {
      bar.classList.toggle("is-tall", isTall());
      esign.agreementHtml.frameTables(agreement.article);
    }
    function covered() {
      return bar.classList.contains("is-tall") ? 0 : bar.offsetHeight;
    }

    /** What still stands between the reader and the signature, first thing first; null when nothing does. */
    function firstMissing() {
      if (!tracker.atEnd()) return { text: "请把协议读到末尾（已读 " + tracker.percent() + "%）", go: tracker.goOn, say: "协议还没有读到末尾，已为您接着上次的位置往下翻。" };
      if (clauses.done() < clauses.total) return { text: "请逐条确认重点条款（" + clauses.done() + "/" + clauses.total + "）", go: clauses.go };
      if (!consent.input.checked) return { text: "请勾选“确认意愿”", go: focusOn(consent.input) };
      if (code && !code.complete()) return { text: "请获取并填写短信验证码", go: code.go };
      if (!signing.opened())
        return signing.unheard()
          ? { text: "网络不稳定，正在重试登记阅读时间", go: signing.open, say: "网络不稳定，阅读时间还没有登记上，本页正在重试。您已勾选和填写的内容都在。" }
          : { text: "正在登记阅读时间，请稍候", go: signing.open, say: "正在登记阅读时间，请稍候再点。" };
      if (countdown.left() > 0) return { text: "请再阅读 " + countdown.left() + " 秒", go: null, say: "为了留出阅读的时间，还要再等 " + countdown.left() + " 秒。" };
      return null;
    }
    function focusOn(node) {
      return function () {
        node.focus();
      };
    }

    function refresh() {
      const first = firstMissing();
      if (!first) missing.classList.remove("is-called");
      missing.textContent = first ? first.text : signing.underWay() ? "已全部确认，正在提交" : "已全部确认，可以签署";
      clock.textContent = countdown.left() > 0 ? "阅读计时 " + countdown.left() + " 秒" : "";
      progress.value = tracker.percent();
      agreement.end.textContent = tracker.atEnd() ? "✓ 您已读到协议末尾" : "协议正文到此结束";
      button.classList.toggle("is-waiting", Boolean(first));
      if (isTall()) bar.classList.add("is-tall");
    }

    function openDecline() {
      place = window.pageYOffset;
      reader.hidden = true;
      decline.open();
    }
    function closeDecline() {
      decline.hide();
      reader.hidden = false;
      window.scrollTo(0, place);
      root.querySelector("#decline-open").focus();
    }

    const signing = esign.signing({
      flow: flow,
      button: button,
      notice: notice,
      protocol: data.protocol,
      countdown: countdown,
      code: code,
      missing: firstMissing,
      missingLine: missing,
      refresh: refresh,
      body: function () {
        const body = { protocolHash: data.protocol.protocolHash, keyClauses: clauses.ids(), scrolledToEnd: tracker.atEnd(), consent: consent.input.checked };
        if (code) body.smsCode = code.value();
        return body;
      },
    });
    return {
      root: root,
      heading: heading,
      title: data.page.title,
      step: 1,
      // The signer may have it open on a second phone, and the initiator may cancel it meanwhile.
      pace: [30, 120],
      shown: function () {
        fit();
        window.addEventListener("resize", fit);
        signing.open();
        refresh();
      },
      update: function (fresh) {
        // The platform can be reached: a display that is not recorded yet can be recorded now.
        signing.open();
        if (fresh.expiredAt === until) return;
        until = fresh.expiredAt;
        factBox.textContent = "";
        factBox.appendChild(facts(fresh));
      },
      close: function () {
        window.removeEventListener("resize", fit);
        signing.close();
        decline.close();
        tracker.close();
        countdown.close();
        if (code) code.close();
      },
    };
  };
})();

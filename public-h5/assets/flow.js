/*
 * What the page shows follows from what the platform says: the state is fetched, one view is chosen by it, and every call's
 * outcome leads back here. The page decides nothing by itself, so a second phone, a second tab or a lost answer needs no rule of its own.
 */
(function () {
  "use strict";
  const esign = window.esign;
  const place = document.getElementById("view");
  const flash = document.getElementById("flash");
  const steps = document.getElementById("steps");
  /** Seconds out of sight after which the state is asked for again. */
  const AWAY = 20;

  let shown = { key: "", kind: "", view: {} };
  let data = null;
  let loading = null;
  let generation = 0;
  let acting = false;
  let confirming = false;
  let timer = null;
  let looks = 0;
  let hiddenAt = 0;

  function kindOf(state) {
    if (state.status === "INIT") return "preparing";
    if (state.status === "SMS_SENT") return "agreement";
    if (state.status === "VERIFICATION_SUCCESS") return "sealing";
    if (state.status === "COMPLETED") return "completed";
    if (state.status === "FAILED") return "failed";
    if (state.status === "EXPIRED") return "expired";
    const check = state.verification;
    // A face check that is started anew because the signer asked for it: the view that asked is waiting for it.
    if (check && check.status === "NOT_STARTED" && shown.view.holds) return shown.kind;
    if (!check || check.status === "NOT_STARTED") return "starting";
    if (check.status === "PENDING") return confirming ? "confirming" : check.type === "FACE" ? "face" : "remittance";
    return check.status === "SUCCESS" ? "sealing" : "confirming";
  }

  function showSteps(step) {
    steps.hidden = !step;
    [].forEach.call(steps.children, function (item, index) {
      item.classList.toggle("is-done", index + 1 < step);
      item.classList.toggle("is-current", index + 1 === step);
      if (index + 1 === step) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    });
  }

  /** Shows a view, or tells the one on screen what is new: what was typed or ticked stays. */
  function show(kind, state) {
    const key = kind === "agreement" ? kind + state.protocol.protocolHash : kind;
    if (shown.key === key) {
      if (shown.view.update) shown.view.update(state);
      return;
    }
    if (shown.view.close) shown.view.close();
    const first = shown.key === "";
    const view = esign.views[kind](state, flow);
    shown = { key: key, kind: kind, view: view };
    looks = 0;
    place.textContent = "";
    place.appendChild(view.root);
    place.setAttribute("data-view", kind);
    document.title = view.title + " - 电子签约";
    showSteps(view.step);
    if (!first) window.scrollTo(0, 0);
    view.heading.focus();
    if (view.shown) view.shown();
  }

  function say(text) {
    flash.textContent = text;
  }

  /** The state as it came from the platform. A change that this page did not cause is said. */
  function take(fresh) {
    const kind = kindOf(fresh);
    const before = shown.kind;
    data = fresh;
    if (before === "agreement" && kind === "agreement" && shown.key !== kind + fresh.protocol.protocolHash) say("协议内容已更新，请重新阅读后再确认。");
    else if ((before === "agreement" || before === "remittance") && kind !== before && kind !== "expired" && !acting) say("状态已更新，下面显示的是最新进度。");
    else if (before !== kind) say("");
    if (kind !== "agreement") {
      show(kind, fresh);
      return Promise.resolve();
    }
    const asked = generation;
    return esign.agreementHtml.matches(fresh.protocol.html, fresh.protocol.protocolHash).then(function (genuine) {
      // While the hash was computed a call of ours may have moved on: what it led to stays.
      if (asked === generation) show(genuine ? "agreement" : "tampered", fresh);
    });
  }

  function failed(result) {
    if (flow.divert(result)) return;
    if (!shown.key || shown.kind === "unreachable") show("unreachable", null);
  }

  /** Fetches the state and shows it; calls while one is under way share it. An answer older than a change of ours is not used. */
  function load() {
    clearTimeout(timer);
    if (!esign.session.token()) {
      if (shown.kind !== "invalid") show("unlinked", null);
      return Promise.resolve(false);
    }
    if (loading) return loading;
    const asked = generation;
    loading = esign.api.process().then(function (result) {
      loading = null;
      if (asked !== generation) return load();
      const shownThen = result.ok ? take(result.data) : failed(result);
      return Promise.resolve(shownThen).then(function () {
        later(result.retryAfter);
        return result.ok || result.http === 401;
      });
    });
    return loading;
  }

  /** Looks again after a while, ever less often, where the view says that something is to come. */
  function later(atLeast) {
    clearTimeout(timer);
    const pace = shown.view.pace;
    if (!pace || document.hidden) return;
    const wait = Math.min(pace[0] * Math.pow(1.5, looks), pace[1]);
    looks += 1;
    timer = setTimeout(load, Math.max(wait, atLeast || 0) * 1000);
  }

  const flow = {
    load: load,

    /** Asks for the state until the platform answers, or `given()` says that it no longer matters. */
    loadUntilKnown: function (given) {
      let tries = 0;
      function again() {
        generation += 1;
        return load().then(function (known) {
          if (known || given()) return null;
          tries += 1;
          return new Promise(function (resolve) {
            setTimeout(resolve, Math.min(tries, 10) * 1000);
          }).then(again);
        });
      }
      return again();
    },

    /** The state as last known. */
    data: function () {
      return data;
    },

    /** Says that a call which changes the state is under way: what changes meanwhile is this page's doing. */
    acting: function (value) {
      acting = value;
      generation += 1;
    },

    /** Takes over what a call answered, before the state is fetched again. */
    accept: function (part, option) {
      generation += 1;
      if (option && option.confirming) confirming = true;
      data = Object.assign({}, data, part);
      const kind = kindOf(data);
      say("");
      show(kind, data);
      later(0);
    },

    /** Handles the answers that mean the same everywhere; true when it did. */
    divert: function (result) {
      if (result.http === 401 && result.reached) {
        esign.session.forget();
        clearTimeout(timer);
        show("invalid", null);
      } else if (result.http === 410) {
        clearTimeout(timer);
        show("expired", data);
      } else if (result.code === "PROTOCOL_CHANGED" || result.code === "PROCESS_STATE_INVALID") {
        generation += 1;
        load();
      } else {
        return false;
      }
      return true;
    },
  };

  /** The signer is looking at the page again: it asks soon and often again, as at first. */
  function back() {
    looks = 0;
    if (shown.view.back) shown.view.back();
    load();
  }

  window.addEventListener("pageshow", function (event) {
    // Back from the browser's memory: whatever is on screen may be long out of date.
    if (event.persisted) back();
  });
  document.addEventListener("visibilitychange", function () {
    if (document.hidden) {
      hiddenAt = Date.now();
      clearTimeout(timer);
    } else if (shown.view.pace || Date.now() - hiddenAt > AWAY * 1000) {
      back();
    }
  });
  window.addEventListener("online", function () {
    if (shown.kind === "unreachable" || shown.view.pace) load();
  });

  load();
})();

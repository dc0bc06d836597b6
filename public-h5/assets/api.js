/*
 * The calls of the page. A call never throws: it answers
 * {ok, reached, http, code, message, data, errors, retryAfter}. `reached` false means that nobody knows whether the platform
 * got the call (no network, timeout, or an answer that is not the platform's).
 */
(function () {
  "use strict";
  const esign = (window.esign = window.esign || {});
  const BASE = "/h5/api";
  /** Seconds; longer than the platform's own longest wait, so that the page gives up last. */
  const PATIENCE = 20;

  function lost() {
    return { ok: false, reached: false, http: 0, code: null, message: "", data: null, errors: [], retryAfter: null };
  }

  function understand(response) {
    return response.text().then(function (text) {
      const body = esign.attempt(function () {
        return JSON.parse(text);
      }, null);
      if (!body || typeof body.code !== "string") return Object.assign(lost(), { http: response.status });
      const after = Number(response.headers.get("Retry-After"));
      return {
        ok: response.ok && body.code === "SUCCESS",
        reached: true,
        http: response.status,
        code: body.code,
        message: typeof body.message === "string" ? body.message : "",
        data: body.data || null,
        errors: body.errors || [],
        retryAfter: after > 0 ? Math.ceil(after) : null,
      };
    });
  }

  function call(method, path, body) {
    const aborter = typeof window.AbortController === "function" ? new window.AbortController() : null;
    const options = {
      method: method,
      headers: { Authorization: "Bearer " + esign.session.token(), Accept: "application/json" },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    };
    if (aborter) options.signal = aborter.signal;
    if (body !== undefined) {
      options.headers["Content-Type"] = "application/json";
      options.body = JSON.stringify(body);
    }
    return new Promise(function (resolve) {
      const timer = setTimeout(function () {
        resolve(lost());
        if (aborter) aborter.abort();
      }, PATIENCE * 1000);
      fetch(BASE + path, options)
        .then(understand)
        .then(resolve, function () {
          resolve(lost());
        })
        .then(function () {
          clearTimeout(timer);
        });
    });
  }

  esign.api = {
    process: function () {
      return call("GET", "/process");
    },
    open: function (protocolHash) {
      return call("POST", "/open", { protocolHash: protocolHash });
    },
    signCode: function () {
      return call("POST", "/sign-code", {});
    },
    sign: function (consent) {
      return call("POST", "/sign", consent);
    },
    decline: function (reason) {
      return call("POST", "/decline", { reason: reason });
    },
    remittance: function (amount, remark) {
      return call("POST", "/verification/remittance", { amount: amount, remark: remark });
    },
    face: function () {
      return call("POST", "/verification/face", {});
    },
  };

  /** Whether a call that changes something may or may not have taken effect. */
  esign.uncertain = function (result) {
    return !result.reached || result.http >= 500;
  };
})();

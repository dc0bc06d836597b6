/*
 * Who is signing: the token of the link. It leaves the address bar at once (so that it is in no history, screenshot or referrer)
 * and lives in sessionStorage, which survives a reload and ends with the tab. Nothing else is ever stored.
 */
(function () {
  "use strict";
  const esign = (window.esign = window.esign || {});
  const KEY = "esign.token";
  let inMemory = null;

  /** What `work` gives, or `otherwise` where it throws. */
  function attempt(work, otherwise) {
    try {
      return work();
    } catch (_why) { // eslint-disable-line @typescript-eslint/no-unused-vars -- a catch without a name is newer than ES2017
      return otherwise;
    }
  }

  /** Storage can be switched off in a WebView: the token then lasts until the page is left. */
  function keep(token) {
    inMemory = token;
    attempt(function () {
      sessionStorage.setItem(KEY, token);
    });
  }

  function parameter(name) {
    const found = new RegExp("[?&]" + name + "=([^&#]*)").exec(location.search);
    return found
      ? attempt(function () {
          return decodeURIComponent(found[1]);
        }, null)
      : null;
  }

  const fromLink = parameter("token");
  const returnedFrom = parameter("return");
  if (fromLink) keep(fromLink);
  // The way back is noted on the history entry, so that a reload still knows it and the address does not show it.
  if (location.search || location.hash) history.replaceState(returnedFrom === "face" ? { from: "face" } : null, "", location.pathname);

  esign.session = {
    /** True when this load, or the one it reloads, is the way back from the face page. */
    fromFace: Boolean(history.state && history.state.from === "face"),

    /** The token, or null when this tab was not opened by a link. */
    token: function () {
      return (
        inMemory ||
        attempt(function () {
          return sessionStorage.getItem(KEY);
        }, null)
      );
    },

    /** Drops a token that the platform no longer knows. */
    forget: function () {
      inMemory = null;
      attempt(function () {
        sessionStorage.removeItem(KEY);
      });
    },
  };
  esign.attempt = attempt;
})();

/*
 * How far the agreement has been read, and how long it must still be read. Scroll position decides; IntersectionObserver,
 * where there is one, also sees changes of layout; focus on the end marker counts too, for keyboards and screen readers.
 */
(function () {
  "use strict";
  const esign = (window.esign = window.esign || {});

  /**
   * Follows the reading of `article` down to `end`. `covered()` is the height in px of what lies over the lower edge of the
   * screen. `changed()` is called whenever `percent` or `atEnd` may have changed.
   */
  function track(article, end, covered, changed) {
    let furthest = 0;
    let atEnd = false;
    let waiting = false;
    let observer = null;

    function lowerEdge() {
      return window.pageYOffset + document.documentElement.clientHeight - covered();
    }
    function topOf(node) {
      return node.getBoundingClientRect().top + window.pageYOffset;
    }
    function reached() {
      if (!atEnd) {
        atEnd = true;
        end.classList.add("is-reached");
      }
    }
    function look() {
      waiting = false;
      if (!end.offsetParent) return;
      const start = topOf(article);
      // Kept relative to the article: messages above it may come and go.
      furthest = Math.max(furthest, lowerEdge() - start);
      if (lowerEdge() >= topOf(end) + Math.min(end.offsetHeight, 24)) reached();
      changed();
    }
    function soon() {
      if (waiting) return;
      waiting = true;
      window.requestAnimationFrame(look);
    }
    function focused() {
      reached();
      changed();
    }

    window.addEventListener("scroll", soon, { passive: true });
    window.addEventListener("resize", soon);
    end.addEventListener("focus", focused);
    if (typeof IntersectionObserver === "function") {
      observer = new IntersectionObserver(soon);
      observer.observe(end);
    }
    soon();

    return {
      atEnd: function () {
        return atEnd;
      },
      percent: function () {
        if (atEnd) return 100;
        const height = topOf(end) - topOf(article);
        return height > 0 ? Math.max(0, Math.min(99, Math.floor((furthest / height) * 100))) : 0;
      },
      /** Brings the first line that was not yet on the screen near its top: a reader pages on, nobody is thrown to the end. */
      goOn: function () {
        window.scrollTo(0, Math.max(0, topOf(article) + furthest - 64));
      },
      close: function () {
        window.removeEventListener("scroll", soon);
        window.removeEventListener("resize", soon);
        end.removeEventListener("focus", focused);
        if (observer) observer.disconnect();
      },
    };
  }

  /** Counts seconds down by the clock, so that a page in the background does not fall behind. `ticked(left)` each second. */
  function countdown(ticked) {
    let until = 0;
    let timer = null;
    function left() {
      return Math.max(0, Math.ceil((until - Date.now()) / 1000));
    }
    function step() {
      timer = left() > 0 ? setTimeout(step, 250) : null;
      ticked(left());
    }
    return {
      left: left,
      start: function (seconds) {
        clearTimeout(timer);
        until = Date.now() + seconds * 1000;
        step();
      },
      close: function () {
        clearTimeout(timer);
      },
    };
  }

  esign.reading = { track: track, countdown: countdown };
})();

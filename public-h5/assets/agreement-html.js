/*
 * Shows the agreement's markup without trusting it: parsed in an inert document, then rebuilt element by element from a list.
 * The page's CSP is the main guard; this is the second. Nothing may hide text from the signer either, so inline styles,
 * `hidden` and the page's own class names do not get through: classes are renamed to `doc-…`.
 */
(function () {
  "use strict";
  const esign = (window.esign = window.esign || {});

  /** Element → element it becomes. Headings move one level down, below the heading of the page. */
  const KEPT = { H1: "h2", H2: "h3", H3: "h4", H4: "h5", H5: "h6", H6: "h6", HEADER: "div", FOOTER: "div", MAIN: "div", ARTICLE: "div", A: "span" };
  ("P DIV SECTION SPAN STRONG B EM I U S SUB SUP SMALL MARK BR HR OL UL LI DL DT DD TABLE CAPTION THEAD TBODY TFOOT TR TH TD " +
    "BLOCKQUOTE PRE CODE ADDRESS INS DEL")
    .split(" ")
    .forEach(function (name) {
      KEPT[name] = name.toLowerCase();
    });
  /** Gone with all they hold; every other unknown element gives way to its children, so that no text is lost. */
  const DROPPED = " HEAD TITLE META LINK BASE SCRIPT STYLE TEMPLATE NOSCRIPT IFRAME FRAME FRAMESET OBJECT EMBED APPLET SVG MATH INPUT IMG PICTURE VIDEO AUDIO CANVAS ".toLowerCase();
  const NUMBERS = { colspan: ["td", "th"], rowspan: ["td", "th"], start: ["ol"], value: ["li"] };

  function copyAttributes(from, to) {
    const name = to.nodeName.toLowerCase();
    Object.keys(NUMBERS).forEach(function (key) {
      const value = from.getAttribute(key);
      if (value !== null && NUMBERS[key].indexOf(name) >= 0 && /^\d{1,3}$/.test(value)) to.setAttribute(key, value);
    });
    const scope = from.getAttribute("scope");
    if (name === "th" && /^(row|col)$/.test(scope || "")) to.setAttribute("scope", scope);
    const clause = from.getAttribute("data-key-clause");
    if (clause !== null && /^[\w.-]{1,64}$/.test(clause)) to.setAttribute("data-key-clause", clause);
    const classes = (from.getAttribute("class") || "").split(/\s+/).filter(function (word) {
      return /^[A-Za-z][\w-]{0,40}$/.test(word);
    });
    if (classes.length) to.className = "doc-" + classes.join(" doc-");
  }

  function copyChildren(from, to) {
    for (let child = from.firstChild; child; child = child.nextSibling) copy(child, to);
  }

  function copy(node, into) {
    if (node.nodeType === 3) {
      into.appendChild(document.createTextNode(node.nodeValue));
      return;
    }
    if (node.nodeType !== 1) return;
    if (DROPPED.indexOf(" " + node.nodeName.toLowerCase() + " ") >= 0) return;
    const name = Object.prototype.hasOwnProperty.call(KEPT, node.nodeName) ? KEPT[node.nodeName] : null;
    if (!name) {
      copyChildren(node, into);
      return;
    }
    const made = document.createElement(name);
    copyAttributes(node, made);
    copyChildren(node, made);
    if (name !== "table") {
      into.appendChild(made);
      return;
    }
    const frame = document.createElement("div");
    frame.className = "table-frame";
    frame.appendChild(made);
    into.appendChild(frame);
  }

  /** A table wider than the phone scrolls inside its frame; the frame is then reachable by keyboard. */
  function frameTables(root) {
    [].forEach.call(root.querySelectorAll(".table-frame"), function (frame) {
      if (frame.scrollWidth <= frame.clientWidth + 1) {
        frame.removeAttribute("tabindex");
        frame.removeAttribute("role");
        frame.removeAttribute("aria-label");
        return;
      }
      frame.setAttribute("tabindex", "0");
      frame.setAttribute("role", "region");
      frame.setAttribute("aria-label", "表格，可左右滑动查看");
    });
  }

  /** Appends the agreement's markup to `into`, rebuilt. */
  function render(html, into) {
    const parsed = new window.DOMParser().parseFromString(html, "text/html");
    copyChildren(parsed.body, into);
  }

  function hex(buffer) {
    return [].map
      .call(new Uint8Array(buffer), function (byte) {
        return (byte < 16 ? "0" : "") + byte.toString(16);
      })
      .join("");
  }

  /** Resolves to false only when this browser can compute the hash and it is another one. */
  function matches(html, protocolHash) {
    const subtle = window.crypto && window.crypto.subtle;
    if (!subtle || typeof window.TextEncoder !== "function") return Promise.resolve(true);
    return Promise.resolve(subtle.digest("SHA-256", new window.TextEncoder().encode(html))).then(
      function (digest) {
        return hex(digest) === protocolHash;
      },
      function () {
        return true;
      },
    );
  }

  esign.agreementHtml = { render: render, frameTables: frameTables, matches: matches };
})();

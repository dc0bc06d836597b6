/* Small builders of page parts. Every text goes in as text: nothing here parses markup. */
(function () {
  "use strict";
  const esign = (window.esign = window.esign || {});

  /**
   * Makes an element. `attributes` may hold `on…` functions; null and false attributes are left out.
   * `children` is a text, a node, or a list of them.
   */
  function el(name, attributes, children) {
    const node = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) {
      const value = attributes[key];
      if (value === null || value === undefined || value === false) return;
      if (typeof value === "function") node.addEventListener(key.slice(2), value);
      else node.setAttribute(key, value === true ? "" : String(value));
    });
    [].concat(children === null || children === undefined ? [] : children).forEach(function (child) {
      if (child === null || child === undefined || child === false) return;
      node.appendChild(typeof child === "string" ? document.createTextNode(child) : child);
    });
    return node;
  }

  /** The heading of a view: focus moves to it when the view changes, so that a screen reader starts there. */
  function heading(text) {
    return el("h1", { class: "view-title", tabindex: "-1" }, text);
  }

  /** A place for messages that a screen reader speaks when its text changes. `tone`: "info", "warn" or "error". */
  function notice() {
    const root = el("p", { class: "notice", role: "status", "aria-live": "polite" });
    return {
      root: root,
      say: function (tone, text) {
        root.className = "notice notice-" + tone;
        root.textContent = text;
      },
      clear: function () {
        root.className = "notice";
        root.textContent = "";
      },
    };
  }

  /** A labelled text input with its own error line. `options`: {id, label, hint, input: attributes}. */
  function field(options) {
    const error = el("p", { class: "field-error", id: options.id + "-error", role: "alert" });
    const hint = options.hint ? el("p", { class: "field-hint", id: options.id + "-hint" }, options.hint) : null;
    const describedBy = (hint ? options.id + "-hint " : "") + options.id + "-error";
    const input = el(
      "input",
      Object.assign({ id: options.id, class: "input", type: "text", autocomplete: "off", "aria-describedby": describedBy }, options.input),
    );
    const row = el("div", { class: "field-row" }, [input].concat(options.beside || []));
    return {
      root: el("div", { class: "field" }, [el("label", { class: "field-label", for: options.id }, options.label), hint, row, error]),
      input: input,
      fail: function (text) {
        input.setAttribute("aria-invalid", "true");
        error.textContent = text;
      },
      clear: function () {
        input.removeAttribute("aria-invalid");
        error.textContent = "";
      },
    };
  }

  /** A checkbox whose whole card is the label. `onchange` gets no argument. */
  function tick(id, text, onchange) {
    const input = el("input", { type: "checkbox", id: id, class: "tick-box", onchange: onchange });
    return { root: el("label", { class: "tick", for: id }, [input, el("span", { class: "tick-text" }, text)]), input: input };
  }

  /** A term and its value, for the short fact lists. */
  function fact(term, value) {
    return el("div", { class: "fact" }, [el("dt", {}, term), el("dd", {}, value)]);
  }

  /** The block that every view ends with: what happens next. `lines` are sentences. */
  function next(title, lines) {
    return el("section", { class: "next" }, [
      el("h2", {}, title),
      lines.length === 1
        ? el("p", {}, lines[0])
        : el("ol", {}, lines.map(function (line) {
            return el("li", {}, line);
          })),
    ]);
  }

  /** Locks a button while its call is under way, without taking the focus from it (a disabled button loses it). */
  function busy(button, label) {
    const before = button.textContent;
    button.setAttribute("aria-disabled", "true");
    button.classList.add("is-busy");
    if (label) button.textContent = label;
    return function done() {
      button.removeAttribute("aria-disabled");
      button.classList.remove("is-busy");
      if (label) button.textContent = before;
    };
  }

  esign.views = {};
  esign.el = el;
  esign.parts = { heading: heading, notice: notice, field: field, tick: tick, fact: fact, next: next, busy: busy };
})();

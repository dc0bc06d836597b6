/* How times, amounts and outcomes read in Chinese. Pure functions. */
(function () {
  "use strict";
  const esign = (window.esign = window.esign || {});
  const DAYS = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"];

  function two(number) {
    return (number < 10 ? "0" : "") + number;
  }

  /** `2026-11-25T07:25:00Z` → `2026年11月25日（周三）15:25`, in the phone's own time zone; null for an absent time. */
  function moment(iso) {
    const at = iso ? new Date(iso) : null;
    if (!at || isNaN(at.getTime())) return null;
    const day = at.getFullYear() + "年" + (at.getMonth() + 1) + "月" + at.getDate() + "日";
    return day + "（" + DAYS[at.getDay()] + "）" + two(at.getHours()) + ":" + two(at.getMinutes());
  }

  /** Full-width digits and marks of a Chinese keyboard become plain ones; white space goes. */
  function plain(text) {
    const folded = text.normalize ? text.normalize("NFKC") : text;
    return folded.replace(/\s+/g, "");
  }

  /**
   * What was typed as an amount, in the form the platform takes (`0.12`), or null. A whole number is refused: "12" may
   * mean 12 fen, and a wrong guess would cost the signer one of few attempts.
   */
  function amount(typed) {
    const text = plain(typed).replace(/[。．]/g, ".").replace(/^[¥￥]/, "").replace(/元$/, "");
    const found = /^(\d{0,6})\.(\d{1,2})$/.exec(text);
    if (!found) return null;
    const yuan = found[1].replace(/^0+(?=\d)/, "") || "0";
    const value = yuan + "." + (found[2] + "0").slice(0, 2);
    return Number(value) > 0 ? value : null;
  }

  /** The digits of a code as typed or pasted. */
  function digits(typed) {
    return plain(typed).replace(/\D/g, "").slice(0, 6);
  }

  function wait(seconds) {
    return seconds >= 120 ? Math.ceil(seconds / 60) + " 分钟" : seconds + " 秒";
  }

  esign.wording = { moment: moment, amount: amount, digits: digits, wait: wait };
})();

/* Views in which the platform works and the signer need not. Rows: what is said, and how often the page looks (seconds, most). */
(function () {
  "use strict";
  const esign = (window.esign = window.esign || {});
  const el = esign.el;
  const parts = esign.parts;
  const LATER = "可以先关闭本页，稍后打开短信里的同一个链接查看，进度不会丢失。";

  const WAITING = {
    preparing: {
      step: 1,
      pace: [2, 20],
      title: "协议正在准备",
      text: "系统正在为您准备协议，通常几秒钟就好。准备好后本页会自动显示，您不用操作。",
      next: ["协议准备好后，请完整阅读，再决定是否签署。"],
    },
    starting: {
      step: 2,
      pace: [3, 30],
      title: "协议已签署，正在安排身份认证",
      text: "您的签署已经记录，不用重复签署。系统正在联系认证机构，身份认证会自动开始；对方暂时繁忙时，系统会一直重试。",
      next: ["认证开始后，本页会告诉您怎么做。" + LATER],
    },
    confirming: {
      step: 2,
      pace: [2, 20],
      title: "已提交，正在确认认证结果",
      text: "您填写的内容已送达认证机构，正在等待最终结果，通常几秒钟就好。请不要重复提交。",
      next: ["结果出来后本页会自动更新。" + LATER],
    },
    sealing: {
      step: 3,
      pace: [2, 15],
      title: "身份认证已通过",
      text: "系统正在为协议加盖电子印章并存档，通常不到一分钟，您不用操作。",
      next: ["完成后可以在本页下载已签署的协议。" + LATER],
    },
  };

  function waiting(row) {
    return function () {
      const heading = parts.heading(row.title);
      return {
        root: el("div", {}, [
          el("section", { class: "card status status-wait" }, [
            el("div", { class: "dots", "aria-hidden": "true" }, [el("i", {}), el("i", {}), el("i", {})]),
            heading,
            el("p", {}, row.text),
          ]),
          parts.next("接下来", row.next),
        ]),
        heading: heading,
        title: row.title,
        step: row.step,
        pace: row.pace,
      };
    };
  }

  Object.keys(WAITING).forEach(function (kind) {
    esign.views[kind] = waiting(WAITING[kind]);
  });
})();

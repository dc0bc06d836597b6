/* The frame of the console: who is logged in, where one can go, and the view of the present address. */
import { logOut } from "./api.js";
import { clearFlash, closeDialog, flash } from "./dialog.js";
import { button, el, empty, fill, heading } from "./elements.js";
import { routeOf, sections } from "./router.js";
import { end, onEnd, session } from "./session.js";
import { loginView } from "./view-login.js";
import { roleTexts, timeZone } from "./wording.js";

const START = "#/templates";
const root = document.querySelector("#view");
const nav = document.querySelector("#nav");
const who = document.querySelector("#who");
let shown = null;
let first = true;

function frame(section) {
  const there = session();
  nav.hidden = !there;
  who.hidden = !there;
  document.body.classList.toggle("is-alone", !there);
  if (!there) return;
  fill(nav, el("ul", {}, sections().map(({ path, name, short }) => el("li", {}, el("a", { href: `#/${path}`, "aria-current": path === section && "page" }, [el("span", { class: "nav-long" }, name), el("span", { class: "nav-short", "aria-hidden": "true" }, short)])))));
  fill(who, [
    el("p", { class: "who-name" }, there.name),
    el("p", { class: "who-roles" }, roleTexts(there.roles)),
    button("退出登录", leave, { kind: "quiet", id: "log-out" }),
    el("p", { class: "who-zone" }, `时间按本机时区（${timeZone()}）`),
  ]);
}

function leave() {
  // The platform's answer makes no difference to this tab, which forgets the session anyway.
  void logOut();
  end("您已退出登录。");
}

function missing() {
  return { title: "没有这个页面", root: el("div", {}, [heading("没有这个页面"), empty("地址不存在，或您的角色不能查看。"), el("p", { class: "list-foot" }, el("a", { href: START }, "回到协议模板"))]) };
}

/** Shows the view of the address. What was on screen is told that it goes. */
function show() {
  shown?.leave?.();
  closeDialog();
  if (!first) clearFlash();
  const route = session() && routeOf(location.hash || START);
  const view = !session() ? loginView({ done: show }) : route ? route.view(...route.parts) : missing();
  shown = view;
  frame(route?.section);
  root.removeAttribute("data-ready");
  root.setAttribute("data-view", !session() ? "login" : (route?.view.name ?? "missing"));
  fill(root, view.root);
  document.title = `${view.title} - 电子签约管理后台`;
  if (!first) root.querySelector("h1")?.focus();
  window.scrollTo(0, 0);
  first = false;
  void Promise.resolve(view.ready).then(() => shown === view && root.setAttribute("data-ready", ""));
}

onEnd((why) => {
  show();
  flash(why, "info");
});
window.addEventListener("hashchange", show);
document.querySelector(".skip").addEventListener("click", (event) => {
  // The address holds the view: the link may not change it.
  event.preventDefault();
  (root.querySelector("h1") ?? document.querySelector("#main")).focus();
});
show();

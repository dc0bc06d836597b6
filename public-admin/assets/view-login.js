/* Logging in: an admin key becomes a session; the key itself is forgotten at once. */
import { logIn, trouble, waitText } from "./api.js";
import { busy, el, field, input, isBusy, notice } from "./elements.js";
import { begin } from "./session.js";

export function loginView({ done }) {
  const key = field("管理密钥", input("key", { type: "password", autocomplete: "current-password", maxlength: "512", required: true }), {
    hint: "由系统管理员为您本人签发。密钥不会保存在浏览器中。",
  });
  const told = notice();
  const submit = el("button", { type: "submit", class: "button button-main" }, "登录");
  let timer;

  /** Nothing is sent while the platform would not look at it. */
  function pause(seconds) {
    const until = performance.now() + seconds * 1000;
    const release = busy(submit, "请稍候");
    const count = () => {
      const left = Math.ceil((until - performance.now()) / 1000);
      if (left > 0) return told.say("warn", `尝试次数过多，请等 ${waitText(left)}后再试。`);
      clearInterval(timer);
      release();
      told.say("info", "可以再次尝试。");
    };
    count();
    timer = setInterval(count, 1000);
  }

  async function send(event) {
    event.preventDefault();
    if (isBusy(submit)) return;
    key.clear();
    told.clear();
    const typed = key.control.value.trim();
    if (!typed) {
      key.fail("请填写管理密钥。");
      key.control.focus();
      return;
    }
    const release = busy(submit, "正在登录…");
    const result = await logIn(typed);
    release();
    if (result.ok) {
      key.control.value = "";
      begin(result.data);
      done();
    } else if (result.http === 429) {
      pause(result.retryAfter ?? 60);
    } else if (result.http === 401) {
      key.fail("密钥不正确，或已被收回。");
      key.control.select();
      key.control.focus();
    } else told.say("bad", trouble(result).map((line) => el("p", {}, line)));
  }

  const form = el("form", { class: "card login", novalidate: true, onsubmit: send }, [
    el("h1", { tabindex: "-1" }, "登录管理后台"),
    el("p", { class: "lead" }, "协议模板、签约流程与参数的管理。每次查看和更改都会记入审计。"),
    key.root,
    told.root,
    submit,
    el("p", { class: "soft" }, "30 分钟没有操作或满 8 小时后须重新登录。"),
  ]);
  return { title: "登录", root: form, leave: () => clearInterval(timer) };
}

// Ties the page together: one run at a time, kept over a reload, redrawn by polling.

import { api } from "./api.js";
import { drawFaults } from "./fault-panel.js";
import { nextStep } from "./guide.js";
import { drawBank, drawPhone, drawWallet } from "./panels.js";
import { STORIES } from "./stories.js";

const POLL_MS = 1200;
const RUN = "sandbox.run";
const by = (id) => document.getElementById(id);

let run = JSON.parse(window.sessionStorage.getItem(RUN) ?? "null");

function keepRun(next) {
  run = next;
  if (next) window.sessionStorage.setItem(RUN, JSON.stringify(next));
  else window.sessionStorage.removeItem(RUN);
}

const setText = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

const ORDER = ["SMS_SENT", "PROTOCOL_SIGNED", "VERIFICATION_PENDING", "VERIFICATION_SUCCESS", "COMPLETED"];
/** How far a failed process got: the last thing that is known to have happened. */
const reached = (process) => (process.verificationInfo ? 2 : process.protocolInfo ? 1 : 0);

function drawProcess(process, problem) {
  setText(by("process-id"), run?.processId ?? "尚未发起");
  const failed = process && !ORDER.includes(process.status) && process.status !== "INIT";
  const at = !process ? -1 : failed ? reached(process) : ORDER.indexOf(process.status);
  for (const item of by("states").children) {
    const { state } = item.dataset;
    const now = state === process?.status;
    item.classList.toggle("now", now);
    item.classList.toggle("done", ORDER.includes(state) && ORDER.indexOf(state) <= at && !(now && state !== "COMPLETED"));
    item.classList.toggle("aside", !now && (!ORDER.includes(state) || (failed && ORDER.indexOf(state) > at)));
    if (now) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  }
  const deadline = process?.expiredAt ? `本阶段截止 ${new Date(process.expiredAt).toLocaleString("zh-CN", { hour12: false })}` : "";
  setText(by("process-note"), problem ?? process?.failureReason ?? deadline);
  drawLinks(process);
}

function drawLinks(process) {
  by("links").hidden = !run;
  if (!run) return;
  const path = `/api/v1/esign/process/${encodeURIComponent(run.processId)}`;
  by("link-json").href = path;
  by("link-evidence").href = `${path}/evidence`;
  by("link-evidence").hidden = !process;
  const pdf = process?.protocolInfo?.downloadUrl;
  by("link-pdf").hidden = !pdf;
  if (pdf) by("link-pdf").href = pdf;
}

async function refresh() {
  const asked = run;
  const [found, sms, bank, wallet] = asked
    ? await Promise.all([api.process(asked.processId), api.sms(asked.mobile), api.bank(asked.processId), api.wallet(asked.processId)])
    : [null, [], [], []];
  if (asked !== run) return;
  const process = found?.ok ? found.answer.data : null;
  setText(by("phone-number"), asked?.mobile ?? "");
  drawProcess(process, found && !found.ok ? found.answer?.message ?? "平台没有应答" : null);
  drawPhone(asked, sms);
  drawBank(asked, process, bank, async (verificationId, result) => {
    await api.decideFace(verificationId, result);
    await look();
  });
  drawWallet(asked, wallet);
  setText(by("guide"), nextStep({ run: asked, process, sms, bank, wallet }));
  drawFaults((await api.faults()).answer, async (faults) => {
    await api.setFaults(faults);
    await look();
  });
}

async function look() {
  try {
    await refresh();
  } catch {
    setText(by("guide"), "平台没有应答。如果正在重启，请稍候，本页会自动恢复。");
  }
}

async function poll() {
  if (!document.hidden) await look();
  setTimeout(poll, POLL_MS);
}

by("start").addEventListener("click", async () => {
  const [processType, scene, signerType] = by("flow").value.split(" ");
  by("start").disabled = true;
  by("start-error").hidden = true;
  try {
    const { ok, answer } = await api.start({ processType, scene, signerType });
    if (answer?.data?.processId) keepRun({ processId: answer.data.processId, mobile: answer.data.mobile, h5PageUrl: answer.data.h5PageUrl });
    if (!ok) showStartError(answer);
  } catch {
    showStartError(null);
  }
  by("start").disabled = false;
  await look();
});

function showStartError(answer) {
  const fields = (answer?.errors ?? []).map(({ field, message }) => `${field}：${message}`).join("；");
  by("start-error").textContent = `没有发起成功：${answer?.message ?? "平台没有应答"}${fields ? `（${fields}）` : ""}`;
  by("start-error").hidden = false;
}

by("flow").addEventListener("change", () => setText(by("story"), STORIES[by("flow").value]));

by("clear").addEventListener("click", async () => {
  await api.clear();
  keepRun(null);
  await look();
});

poll();

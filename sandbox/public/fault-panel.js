// The fault switches: one row a system, applied as soon as one is changed.

import { draw, el } from "./panels.js";

const SYSTEMS = { sms: "短信网关", verification: "认证系统", wallet: "行业钱包" };
const MODES = {
  OK: "正常",
  SLOW: "变慢（5 秒后才处理）",
  FAIL: "报错（不处理，返回 500）",
  SILENT: "无应答（不处理，也不返回）",
  ACT_THEN_FAIL: "处理了却报错（返回 500）",
};
const TIMES = { "": "直到改回", 1: "仅下一次", 3: "接下来 3 次" };

function select(label, options, value, onchange) {
  const choices = Object.entries(options).map(([key, text]) => el("option", { value: key, textContent: text, selected: key === value }));
  return el("select", { ariaLabel: label, onchange }, ...choices);
}

function row(system, fault, change) {
  const times = fault.times === null ? "" : String(fault.times);
  const known = times in TIMES ? TIMES : { ...TIMES, [times]: `还剩 ${times} 次` };
  const mode = select(`${SYSTEMS[system]}的故障`, MODES, fault.mode, apply);
  const howOften = select(`${SYSTEMS[system]}故障的次数`, known, times, apply);
  function apply() {
    change({ [system]: { mode: mode.value, delayMs: 5000, times: mode.value === "OK" || !howOften.value ? undefined : Number(howOften.value) } });
  }
  return el("div", { className: fault.mode === "OK" ? "fault" : "fault active" }, el("b", { textContent: SYSTEMS[system] }), mode, howOften);
}

export function drawFaults(faults, change) {
  if (!faults) return;
  const focused = document.activeElement?.ariaLabel;
  const rows = document.getElementById("fault-rows");
  if (draw("fault-rows", faults, () => Object.keys(SYSTEMS).map((system) => row(system, faults[system], change)))) {
    [...rows.querySelectorAll("select")].find((choice) => choice.ariaLabel === focused)?.focus();
  }
  const broken = Object.keys(SYSTEMS).filter((system) => faults[system].mode !== "OK");
  const state = document.getElementById("faults-state");
  state.textContent = broken.length ? `正在模拟故障：${broken.map((system) => SYSTEMS[system]).join("、")}` : "三家系统均正常";
  state.classList.toggle("on", broken.length > 0);
}

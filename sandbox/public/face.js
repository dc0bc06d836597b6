// The stand-in's face check: a person decides, then the browser goes back to where the platform wants it.

import { api } from "./api.js";

const by = (id) => document.getElementById(id);
const verificationId = decodeURIComponent(location.pathname.split("/").pop());

function back({ returnUrl }) {
  if (/^https?:\/\//.test(returnUrl)) location.assign(returnUrl);
}

function usable(on) {
  by("pass").disabled = by("fail").disabled = !on;
}

async function decide(result) {
  usable(false);
  by("note").textContent = "正在提交…";
  try {
    const { ok, answer } = await api.decideFace(verificationId, result);
    if (ok) return back(answer);
    by("note").textContent = answer?.message ?? "提交失败，请重试。";
  } catch {
    by("note").textContent = "网络不通，请重试。";
  }
  usable(true);
}

by("pass").addEventListener("click", () => decide("SUCCESS"));
by("fail").addEventListener("click", () => decide("FAILED"));

const { ok, answer } = await api.face(verificationId);
if (!ok) by("note").textContent = "这个人脸识别链接不存在。";
else if (answer.status !== "PENDING") by("note").textContent = "识别已有结果，请回到签署页。";
else if (new Date(answer.expiresAt) < new Date()) by("note").textContent = "这个人脸识别链接已过期，请回到签署页重新开始。";
else usable(true);

// Always one sentence that says what a person can do now.

const AGAIN = "可以再次点击「发起签约」，重新走一遍。";

/** Messages of this run: from its invitation on. What the phone got before belongs to earlier runs. */
export function messagesOf(run, sms) {
  const first = sms.findLastIndex((message) => message.link && message.link === run.h5PageUrl);
  return first < 0 ? sms : sms.slice(first);
}

export function nextStep({ run, process, sms, bank, wallet }) {
  if (!run) return "点击「发起签约」：沙箱会像行业钱包那样调用平台接口，平台随后给签署人发短信。";
  if (!process) return "正在读取流程状态…";
  const step = STEPS[process.status];
  return step ? step({ process, sms: messagesOf(run, sms), bank, wallet }) : "请稍候。";
}

const STEPS = {
  INIT: () => "平台正在发送签约短信，请稍候。",
  SMS_SENT({ sms }) {
    const code = sms.findLast((message) => message.code);
    if (code) return `验证码 ${code.code} 已发到手机：回到签署页填入，然后点击签署。`;
    if (sms.some((message) => message.link)) {
      return "手机收到了签约短信：点击短信里的「打开签署页」，读完协议、逐项确认要点，再获取短信验证码。";
    }
    return "短信正在路上，请稍候。";
  },
  PROTOCOL_SIGNED: () => "协议已签署，平台正在请认证系统发起身份认证，请稍候。",
  VERIFICATION_PENDING({ process, bank }) {
    if (process.verificationInfo?.type === "FACE") return "在签署页开始人脸识别；也可以在第 3 步里直接选择通过或不通过。";
    const line = bank[bank.length - 1];
    if (line) return `银行流水里多了一笔 ${line.amount} 元，备注 ${line.remark}：把金额和备注填进签署页。（真实打款需要 1–3 个工作日，沙箱立即到账。）`;
    return "平台正在请认证系统打款，请稍候；认证系统不可用时平台会自动重试。";
  },
  VERIFICATION_SUCCESS: () => "身份认证成功，平台正在给协议加盖电子印章，请稍候。",
  COMPLETED: ({ wallet }) =>
    `签约完成。${wallet.length ? "钱包已收到签名的回调。" : "平台正在回调钱包。"}可以下载签署协议和证据包，并用命令 npm run verify 离线核验证据包。${AGAIN}`,
  FAILED: ({ process }) => `签约失败：${process.failureReason ?? "原因未知"}。${AGAIN}`,
  EXPIRED: ({ process }) => `签约已过期：${process.failureReason ?? "超过有效期"}。${AGAIN}`,
};

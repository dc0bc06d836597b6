import { during, failVerification, post } from "./arranging.ts";
import { bearer, JSON_BODY } from "./http-client.ts";
import type { Provocation } from "./provocation.ts";
import { Signer } from "./signer.ts";

/** The answer was given, so it is evidence and has used its one passing on up. */
const ANSWERED = ["signing_process", "evidence_chain", "verifications"];
/** Whose verification is still under way when the row is over. */
let waiting: Signer;

/** How a signer is refused. */
export const BY_SIGNERS: Provocation[] = [
  { code: "H5_TOKEN_INVALID", by: "a signer's call without a token", call: (platform) => post(platform, "/h5/api/sign", {}, JSON_BODY) },
  { code: "H5_TOKEN_INVALID", by: "a token nobody was sent", call: (platform) => post(platform, "/h5/api/open", { protocolHash: "x" }, bearer("A".repeat(43))) },
  {
    code: "PARAM_INVALID",
    by: "a signature without the agreement's hash",
    async arrange(platform) {
      const signer = await Signer.ready(platform);
      return () => signer.post("sign", { consent: true });
    },
    fields: ["protocolHash"],
  },
  {
    code: "PROTOCOL_CHANGED",
    by: "opening another agreement",
    async arrange(platform) {
      const signer = await Signer.invited(platform);
      return () => signer.post("open", { protocolHash: "0".repeat(64) });
    },
  },
  {
    code: "READING_INCOMPLETE",
    by: "a signature without consent and without a key clause, which does not use the code up",
    async arrange(platform) {
      const signer = await Signer.ready(platform);
      const words = await signer.words({ consent: false, keyClauses: [] });
      return () => signer.post("sign", words);
    },
    fields: expect.arrayContaining(["consent", "keyClauses"]) as unknown as string[],
  },
  {
    code: "SMS_CODE_INVALID",
    by: "a wrong code: the try is counted, five a code",
    async arrange(platform) {
      const signer = await Signer.ready(platform);
      const words = await signer.words();
      return () => signer.post("sign", { ...words, smsCode: words["smsCode"] === "111111" ? "222222" : "111111" });
    },
    message: "验证码不正确，还可尝试 4 次",
    data: { remainingAttempts: 4 },
    writes: ["signing_process"],
  },
  {
    code: "RATE_LIMITED",
    by: "a second code within a minute",
    async arrange(platform) {
      const signer = await Signer.ready(platform);
      return () => signer.post("sign-code");
    },
    message: expect.stringMatching(/^验证码已发送，请在 \d+ 秒后再获取$/) as unknown as string,
    retryAfter: true,
  },
  {
    code: "SMS_SEND_FAILED",
    by: "asking for a code while the SMS gateway is down: the tries are recorded and no minute begins",
    async arrange(platform) {
      const signer = await Signer.invited(platform);
      return during(platform, { sms: { mode: "FAIL" } }, () => signer.post("sign-code"));
    },
    writes: ["sms_record"],
  },
  {
    code: "PROCESS_EXPIRED",
    by: "a signature after the deadline, before anybody has swept",
    async arrange(platform) {
      const signer = await Signer.ready(platform);
      const words = await signer.words();
      // The deadline is moved, and not the clock: a clock a day ahead brings due whatever other signings wait for.
      const { processes } = platform.node.collections;
      const process = (await processes.get(signer.processId))!;
      await processes.replaceIfVersion({ ...process, expiredAt: new Date(process.createdAt.getTime()) });
      return () => signer.post("sign", words);
    },
  },
  {
    code: "PROCESS_STATE_INVALID",
    by: "a face check for a company",
    async arrange(platform) {
      const signer = await Signer.signed(platform);
      return () => signer.post("verification/face");
    },
    message: "本次签约采用打款验证，无需人脸验证",
  },
  {
    code: "VERIFICATION_MISMATCH",
    by: "a wrong amount",
    async arrange(platform) {
      const signer = await Signer.signed(platform);
      return () => signer.post("verification/remittance", { amount: "9.99", remark: "不对" });
    },
    data: { remainingAttempts: 2, status: "VERIFICATION_PENDING" },
    writes: ANSWERED,
  },
  {
    code: "VERIFICATION_SERVICE_ERROR",
    by: "an answer while the verification system is down",
    async arrange(platform) {
      const signer = (waiting = await Signer.signed(platform));
      return during(platform, { verification: { mode: "FAIL" } }, () => signer.post("verification/remittance", { amount: "0.12", remark: "验证码" }));
    },
    writes: ANSWERED,
    afterwards: (platform) => failVerification(platform, waiting),
  },
];

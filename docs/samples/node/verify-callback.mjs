// 用法：node verify-callback.mjs 密钥 webhook-id webhook-timestamp webhook-signature 请求体文件 当前时间（Unix 秒）
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";

function verifyCallback(secret, id, timestamp, signatures, body, now) {
  if (!(Math.abs(now - Number(timestamp)) <= 300)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
  return signatures.split(" ").some((one) => {
    const given = Buffer.from(one.replace(/^v1,/, ""), "base64");
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

const [secret, id, timestamp, signatures, bodyFile, now] = process.argv.slice(2);
// 请求体必须是收到的原始字节，解析为 JSON 之前核验
process.exitCode = verifyCallback(secret, id, timestamp, signatures, readFileSync(bodyFile), Number(now)) ? 0 : 1;

// 用法：node sign.mjs 算法 私钥文件 METHOD PATH?QUERY 时间戳 随机串 系统代码 业务流水号 请求体文件
import { createHash, createHmac, createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";

function signRequest(signType, key, head, body) {
  const bodyHash = createHash("sha256").update(body).digest("hex");
  const text = [...head, bodyHash].join("\n") + "\n";
  if (signType === "HMAC-SHA256") return createHmac("sha256", Buffer.from(key, "base64")).update(text).digest("base64");
  const digest = signType === "ED25519" ? null : "sha256";
  return sign(digest, Buffer.from(text), createPrivateKey(key)).toString("base64");
}

const [signType, keyFile, ...rest] = process.argv.slice(2);
const bodyFile = rest.pop();
// rest：METHOD、PATH?QUERY、时间戳、随机串、系统代码、业务流水号
process.stdout.write(signRequest(signType, readFileSync(keyFile, "utf8"), rest, readFileSync(bodyFile)));

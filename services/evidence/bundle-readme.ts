import type { EvidenceFile } from "./bundle-format.ts";

/** README.txt: for a lawyer or a court's expert who has this bundle and no reason to trust whoever made it. */
export function readmeText(evidence: EvidenceFile, hasPdf: boolean): string {
  const { processId, final, redacted = [], events } = evidence;
  const last = events.at(-1);
  return `电子签约证据包
==============

签约流程编号：${processId}
证据条数：    ${events.length}（最后一条发生于 ${last?.at ?? "—"}）
链头哈希：    ${last?.hash ?? "—"}
流程状态：    ${final ? "已终结，链中含终态记录" : "尚未终结，链中还会增加记录"}
遮盖情况：    ${redacted.length ? `第 ${redacted.join("、")} 条的内容和盐值未随本包提供，其哈希仍在链上` : "无遮盖，全部内容均在包内"}

本说明面向律师、法官和鉴定人员。全部核验均可离线完成，无需联系出具方，也无需信任出具方的任何系统。

一、文件说明
------------
${members(hasPdf)}

二、信任从哪里来
----------------
本包自带的证书只是“待验证的材料”。信任根（封签根证书，PEM 文件）必须由您从本包以外的渠道取得，例如由出具方当面
交付、随合同附件提供或向其公示渠道核对指纹。若用包内自带的根证书验证包内的签名，什么也证明不了。
下文以 root.pem 代表您取得的信任根。

三、逐步核验（通用工具 openssl、sha256sum 即可）
------------------------------------------------
1. 解压，进入目录。确认除 manifest.json、manifest.sig 外，目录中的文件与 manifest.json 的 files 一一对应，不多不少；
   逐个计算 SHA-256，与清单一致：
       sha256sum README.txt evidence.json certs/seal.pem${hasPdf ? " protocol.pdf" : ""}
2. 验证证书由信任根签发：
       openssl verify -CAfile root.pem -untrusted certs/seal.pem certs/seal.pem
   如证书现已到期，可加 -attime 指定时间（Unix 秒），取最后一条证据的时间。
3. 验证清单签名（SHA-256；RSA 为 PKCS#1 v1.5，ECDSA 为 DER 编码）：
       openssl x509 -in certs/seal.pem -noout -pubkey > seal-public.pem
       openssl base64 -d -A -in manifest.sig -out manifest.sig.bin
       openssl dgst -sha256 -verify seal-public.pem -signature manifest.sig.bin manifest.json
   显示 Verified OK 即清单未被改动，从而清单列出的每个文件均未被改动。
4. 验证证据链（evidence.json）。对 events 中的每一条，从第一条起：
   a) seq 依次为 1、2、3……，不缺不重；
   b) prev 等于上一条的 hash；第一条的 prev 为 64 个 0；
   c) hash = SHA-256( JCS({"at","dataHash","pid","prev","seq","type","v"}) )，其中 pid 为本包的 processId，v 为数字 1；
   d) 有 data 的，dataHash = SHA-256( 盐值字节 ‖ JCS(data) )；salt 为 64 位十六进制，先还原为 32 个字节。
   JCS 即 RFC 8785：成员按名称排序，无空白，UTF-8。附录是一段可直接运行的 Python 程序（只用标准库）。
5. 核对协议：对 PROTOCOL 一条中 data.html 的 UTF-8 字节计算 SHA-256，应等于该条的 protocolHash，并等于 READING（展示）、
   SIGNATURE（签署）、PROTOCOL_SEALED（封签）各条中的 protocolHash；SM3 同理，对应 sm3。该条已遮盖的，只能比对各条的 protocolHash。
${requestStep(evidence)}
${pdfStep(hasPdf)}
也可使用出具方公开的离线核验程序一次完成以上各项：npm run verify -- --trust 信任根目录 证据包.zip

四、证据种类
------------
REQUEST 发起请求，SMS_RECORD 短信记录，PROTOCOL 协议原文，LINK_OPENED 打开链接，READING 展示协议，SIGNATURE 签署，
VERIFICATION_REQUEST 发起身份认证，VERIFICATION_ANSWER 回填认证信息，VERIFICATION_RESULT 认证结果，
VERIFICATION_ANOMALY 与现状不符的认证结果，LATE_RESULT 终结后到达的认证结果，PROTOCOL_SEALED 协议封签，
STATE 流程状态，CALLBACK 结果通知，CUSTODY 保管记录，INCIDENT 异常记录。
链接中的访问令牌以其 SHA-256 代替，短信验证码不入链。

五、能证明什么，不能证明什么
----------------------------
能证明：
- 本包内容自签出之日起未被改动，且由持有封签私钥的一方签出；
- 各条证据的内容、先后次序和完整衔接；中间删去、插入、调换任何一条都会被发现；
- 业务系统以私钥签名的发起请求与据以制作协议的内容一致（第 6 步适用时）；
- 展示给签署人的协议、签署人同意的协议与封签的 PDF 对应同一份协议文本。
不能单独证明：
- 时间：各条时间取自出具方服务器时钟，本包不含第三方时间戳；如需证明绝对时间，请结合短信运营商、银行流水等外部记录；
- 出具方自身未重写整条链：请与业务系统收到结果通知时留存的 evidence.chainHead 比对，该值应等于链中某一条的 hash；
- 末尾完整性：终态之后追加的通知、回执等记录可能尚未包含在较早导出的包中；
- 签署人的真实身份：取决于所采用的身份认证方式（打款验证或人脸识别）及认证系统的可靠性，链中记录的是其结果；
- 证书未被吊销：离线核验不查询吊销状态，请向发证方核实。

附录：独立核验证据链的 Python 程序（保存为 check.py，在本目录运行 python3 check.py）
----------------------------------------------------------------------------------
${PYTHON}`;
}

const members = (hasPdf: boolean): string =>
  [
    "manifest.json   清单：除自身及其签名外，每个文件的 SHA-256",
    "manifest.sig    对 manifest.json 全部字节的签名（base64）",
    "evidence.json   证据链：逐条记录，条条相扣",
    hasPdf ? "protocol.pdf    经数字签名封签的协议（PAdES）" : "（无 protocol.pdf：协议尚未封签，或协议内容已遮盖）",
    "certs/seal.pem  封签证书（首个）及中间证书",
    "README.txt      本说明",
  ].join("\n");

/** The wallet's own signature, as far as this bundle lets anyone check it. */
function requestStep({ events }: EvidenceFile): string {
  const request = events.find(({ type }) => type === "REQUEST");
  if (!request?.data) return "6. REQUEST（发起请求）一条已遮盖：取得该条的内容与盐值后，可先核对其 dataHash，再核验业务系统的签名。";
  const signed = request.data["signed"] as { signType?: string } | undefined;
  if (!signed) return "6. REQUEST（发起请求）一条未经业务系统签名（仅开发环境接受），不能证明由其发出。";
  if (signed.signType === "HMAC-SHA256") return "6. REQUEST（发起请求）一条以共享密钥（HMAC）签名：只有收发双方能够核验，对第三方不构成证明。";
  const command =
    signed.signType === "ED25519"
      ? "openssl pkeyutl -verify -pubin -inkey request-key.pem -rawin -in request.txt -sigfile request.sig"
      : "openssl dgst -sha256 -verify request-key.pem -signature request.sig request.txt";
  return `6. 核验业务系统对发起请求的签名。附录的程序从 REQUEST 一条写出三个文件：request.txt（被签的文本：请求方法、路径、时间戳、
   随机数、系统代码、业务编号、请求体的 SHA-256，每项一行）、request.sig（签名）、request-key.pem（所记公钥）：
       ${command}
   公钥应与您从该业务系统处取得的公钥一致（比较 publicKeySha256，即 SPKI DER 的 SHA-256），否则只能说明由所记公钥签出。
   再将 rawBody（请求体原文）与同条的 request（据以冻结协议的内容）逐项比较。`;
}

const pdfStep = (hasPdf: boolean): string =>
  hasPdf
    ? `7. 核对 PDF：sha256sum protocol.pdf 应等于 PROTOCOL_SEALED 一条的 pdfSha256；用任一 PDF 阅读器或 pdfsig protocol.pdf 查看
   签名，应覆盖整个文件，签名证书（DER）的 SHA-256 应等于 sealCertSha256，并由信任根签发。
`
    : `7. 若链中有 PROTOCOL_SEALED，其 pdfSha256 即封签 PDF 的 SHA-256；取得该 PDF 后可据此比对。
`;

/** Standard library only. For member names outside the basic plane JCS and Python sort differently; the platform writes none. */
const PYTHON = `import base64, hashlib, json
def jcs(x): return json.dumps(x, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
def sha(b): return hashlib.sha256(b).hexdigest()
bundle = json.load(open("evidence.json", encoding="utf-8"))
manifest = json.load(open("manifest.json", encoding="utf-8"))
for path, digest in manifest["files"].items():
    assert sha(open(path, "rb").read()) == digest, path
prev = "0" * 64
for n, e in enumerate(bundle["events"], 1):
    head = {"v": 1, "pid": bundle["processId"], **{k: e[k] for k in ("seq", "type", "at", "prev", "dataHash")}}
    assert e["seq"] == n and e["prev"] == prev and sha(jcs(head)) == e["hash"], n
    if "data" in e:
        assert sha(bytes.fromhex(e["salt"]) + jcs(e["data"])) == e["dataHash"], n
        if e["type"] == "PROTOCOL":
            assert sha(e["data"]["html"].encode("utf-8")) == e["data"]["protocolHash"]
        if e["type"] == "REQUEST" and "publicKey" in e["data"].get("signed", {}):
            d, s = e["data"], e["data"]["signed"]
            assert sha(s["rawBody"].encode("utf-8")) == s["bodySha256"]
            text = [s["method"], s["target"], s["timestamp"], s["nonce"], d["systemCode"], d["businessId"], s["bodySha256"], ""]
            open("request.txt", "wb").write("\\n".join(text).encode("utf-8"))
            open("request.sig", "wb").write(base64.b64decode(s["signature"]))
            open("request-key.pem", "w").write("-----BEGIN PUBLIC KEY-----\\n" + s["publicKey"] + "\\n-----END PUBLIC KEY-----\\n")
    prev = e["hash"]
print("OK", len(bundle["events"]), prev)
`;

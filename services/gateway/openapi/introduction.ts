/** What the document says of itself, in Markdown. */
export const INTRODUCTION = `天财分账业务的电子签约平台：行业钱包发起签约，签署人在手机上阅读、签署并完成身份认证，平台为协议盖章、留存证据，并回调结果。

接入步骤、三种语言的签名与验签示例、每个错误码的处理办法，见随代码提供的《钱包接入指南》（\`docs/api.md\`）。

### 约定
- JSON 接口的响应均为 \`{"code","message","data"?,"errors"?,"traceId"}\`；\`code\` 为 \`SUCCESS\` 或错误码，\`message\` 供人阅读，\`errors\` 为 \`[{"field","message"}]\`。
- 时间为 ISO 8601 UTC，不含小数秒；金额为十进制字符串；不存在的对象为 \`null\`；未知的请求字段会被忽略。
- POST 请求体为 UTF-8 编码的 \`application/json\`，不超过 64 kB，请求头不超过 16 kB（超过为 413 \`PAYLOAD_TOO_LARGE\`）；不带请求体视为 \`{}\`。
- 响应中的个人信息均已脱敏；未知的路径或方法为 404 \`NOT_FOUND\`。

### 请求签名
\`X-Signature\` 是对下列文本（每行以换行符结尾，共 7 行）的 Base64 签名：
\`\`\`
METHOD
PATH?QUERY
X-Timestamp
X-Nonce
X-System-Code
X-Business-Id
请求体原始字节的 SHA-256（小写十六进制）
\`\`\`
路径与查询串与发送时逐字相同，没有查询串时没有 \`?\`；没有的请求头为空行；没有请求体时为空内容的 SHA-256。

### 幂等与重试
发起签约以（系统代码、\`businessType\`、\`requestId\`）为幂等键。网络超时、429、503 可用同一 \`requestId\` 重试；429 与 503 按 \`Retry-After\` 等待。`;

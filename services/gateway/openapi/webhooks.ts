const header = (name: string, description: string) => ({ name, in: "header", required: true, description, schema: { type: "string" } });

/** What the platform posts to the wallet's `callbackUrl` (CONTRACT.md §3.3). */
export const webhooks = {
  signingResult: {
    post: {
      tags: ["钱包"],
      operationId: "signingResult",
      summary: "结果回调（平台调用钱包）",
      description:
        "至少投递一次，每次的字节完全相同；请按 `webhook-id` 去重。返回 2xx 即视为送达，但响应为 JSON 且 `code` 不是 SUCCESS、OK、\"0\" 或 0 时视为失败；重定向视为失败；410 表示不再投递。失败后按计划重试约三天，之后暂停，由人工重放。",
      parameters: [
        header("webhook-id", "事件号，等于 `eventId`"),
        header("webhook-timestamp", "投递时间，Unix 秒"),
        header("webhook-signature", "`v1,` 加 Base64 的 HMAC-SHA256（`id.timestamp.body`）；更换密钥期间有两个，以空格分隔"),
        header("X-System-Code", "`ESIGN`"),
        header("X-Business-Id", "发起时的业务流水号"),
      ],
      requestBody: { required: true, content: { "application/json": { schema: { $ref: "#/components/schemas/Event" } } } },
      responses: { "200": { description: "已收到" } },
    },
  },
};

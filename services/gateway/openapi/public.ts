import type { Operations } from "./operation.ts";

/** What anyone may call (CONTRACT.md §2). */
export const publicOperations: Operations = {
  "GET /h5/sign": {
    caller: "anyone",
    operationId: "signPage",
    summary: "签署页",
    description: "短信链接指向的静态页面，对任何令牌都是相同的字节，没有副作用。",
    query: ["linkToken"],
    answer: { type: "text/html", description: "页面" },
  },
  "GET /admin": {
    caller: "anyone",
    operationId: "console",
    summary: "管理后台",
    description: "静态页面，对任何人都是相同的字节；数据由管理接口按登录身份提供。生产环境没有配置 `ADMIN_KEYS` 时不存在（404）。",
    answer: { type: "text/html", description: "页面" },
  },
  "GET /protocol/download/{protocolId}.pdf": {
    caller: "anyone",
    operationId: "downloadProtocol",
    summary: "下载盖章协议",
    description: "链接由查询接口生成，短期有效。错误、过期、不完整或协议不存在一律返回相同的 401。",
    query: ["expires", "kid", "sig"],
    answer: { type: "application/pdf", description: "盖章 PDF" },
    refusals: ["LINK_INVALID"],
  },
  "GET /health/live": {
    caller: "anyone",
    operationId: "live",
    summary: "存活检查",
    answer: { type: "application/json", description: "进程存活", schema: "Liveness" },
  },
  "GET /health/ready": {
    caller: "anyone",
    operationId: "ready",
    summary: "就绪检查",
    description: "各部分的状态，一秒内的询问共用一次结果。只有数据库决定 200 或 503。",
    answer: { type: "application/json", description: "就绪", schema: "Readiness", alsoStatus: { "503": "未就绪：数据库不可用（内容相同）；或服务正在停止（`SERVICE_UNAVAILABLE`）" } },
  },
  "GET /openapi.json": {
    caller: "anyone",
    operationId: "openapi",
    summary: "本文档（OpenAPI 3.1）",
    answer: { type: "application/json", description: "OpenAPI 文档", schema: "AnyObject" },
  },
  "GET /docs": {
    caller: "anyone",
    operationId: "docs",
    summary: "接口文档页面",
    answer: { type: "text/html", description: "页面" },
  },
  "GET /docs/{file}": {
    caller: "anyone",
    operationId: "docsFile",
    summary: "接口文档页面的脚本与样式",
    answer: { type: "*/*", description: "脚本、样式或图标" },
  },
};

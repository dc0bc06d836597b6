import * as p from "./parsers.ts";
import type { Parser } from "./parsers.ts";
import { SERVICE_NAMES, type ServiceName } from "../contract/vocabulary.ts";

/** One row: what a setting is called outside and inside, what it means, how it is read, what holds when it is absent. */
export interface Setting<T> {
  env: string;
  doc: string;
  parse: Parser<T>;
  /** Text as a person would write it; undefined when absence has a meaning of its own. */
  default?: string;
  /** Never printed, not even in an error. */
  secret?: true;
  /** Absent in development: generated under DATA_DIR. Absent in production: the start is refused. */
  generated?: true;
  /** Must be given in production although development has a default. */
  requiredInProduction?: true;
  /** In production a node without any of these services starts without it, and should not have it. Absent: every node needs it. */
  neededBy?: readonly ServiceName[];
}

const row = <T>(env: string, parse: Parser<T>, doc: string, rest: Partial<Setting<T>> = {}): Setting<T> => ({ env, parse, doc, ...rest });

/** THE settings table (CONTRACT.md §1). `docs/configuration.md` and `.env.example` are compared with it by a test. */
export const SETTINGS = {
  environment: row("NODE_ENV", p.oneOf("development", "test", "production"), "production refuses everything that only development may do", { default: "development" }),
  port: row("PORT", p.port, "HTTP gateway", { default: "3000" }),
  host: row("HOST", p.string, "address the gateway listens on; in production 0.0.0.0", { default: "127.0.0.1" }),
  publicBaseUrl: row("PUBLIC_BASE_URL", p.baseUrl, "prefix of every link sent out; default http://localhost:$PORT"),
  trustedProxies: row("TRUSTED_PROXIES", p.cidrs, "CIDRs whose X-Forwarded-For is believed"),
  dataDir: row("DATA_DIR", p.string, "embedded database, files, development keys; locked by the running platform, unless it is one of several nodes (TRANSPORTER and MONGO_URI)", { default: "./data" }),
  mongoUri: row("MONGO_URI", p.address("mongodb", "mongodb+srv"), "MongoDB; absent means embedded SQLite under DATA_DIR", { secret: true }),
  transporter: row("TRANSPORTER", p.address("nats", "nats+tls", "tls"), "nats:// or tls://, with user, password and ?ca=FILE; absent means one process", { secret: true }),
  redisUrl: row("REDIS_URL", p.address("redis", "rediss"), "Bull queues; absent means the in-process queue", { secret: true }),
  services: row("SERVICES", p.someOf(...SERVICE_NAMES), "comma list of services this node runs, none for an operators' console alone; absent means all"),
  sandbox: row("SANDBOX", p.onOff, "mounts the stand-ins of the outside systems; on unless NODE_ENV=production, refused there"),
  smsDriver: row("SMS_DRIVER", p.oneOf("http"), "how SMS leave", { default: "http", requiredInProduction: true, neededBy: ["sms"] }),
  smsHttpUrl: row("SMS_HTTP_URL", p.httpUrl, "SMS gateway; default the sandbox's", { requiredInProduction: true, neededBy: ["sms"] }),
  verificationBaseUrl: row("VERIFICATION_BASE_URL", p.baseUrl, "verification system; default the sandbox's", { requiredInProduction: true, neededBy: ["verification-bridge"] }),
  storageDriver: row("STORAGE_DRIVER", p.oneOf("fs", "s3"), "where sealed PDFs are kept: fs under DATA_DIR, or s3 with S3_*", { default: "fs" }),
  s3Endpoint: row("S3_ENDPOINT", p.httpUrl, "S3-compatible server, https outside a private network; absent means Amazon's of the region"),
  s3Region: row("S3_REGION", p.string, "region of the bucket; required with s3, us-east-1 where the server has none"),
  s3Bucket: row("S3_BUCKET", p.bucketName, "bucket, which must exist; required with s3"),
  s3AccessKeyId: row("S3_ACCESS_KEY_ID", p.string, "key that may list the bucket, read and write its objects; required with s3", { secret: true }),
  s3SecretAccessKey: row("S3_SECRET_ACCESS_KEY", p.string, "secret of that key; required with s3", { secret: true }),
  s3ForcePathStyle: row("S3_FORCE_PATH_STYLE", p.onOff, "the bucket in the path and not in the host name, as MinIO wants it", { default: "off" }),
  callersFile: row("CALLERS_FILE", p.string, "who may call, with which keys, and where they are called back", { generated: true, neededBy: ["process", "gateway", "notifier"] }),
  adminKeys: row("ADMIN_KEYS", p.adminKeys, "name:sha256hex of each administrator's bearer token; :role+role behind it leaves only those of author, approver, operator, auditor", { secret: true }),
  h5TokenSecret: row("H5_TOKEN_SECRET", p.rotatingKeys, "kid:base64 list: derives signing links and sign codes", { secret: true, generated: true, neededBy: ["process"] }),
  callbackTokenSecret: row("CALLBACK_TOKEN_SECRET", p.rotatingKeys, "kid:base64 list: derives the verification system's callback tokens", { secret: true, generated: true, neededBy: ["sms", "verification-bridge"] }),
  downloadSecret: row("DOWNLOAD_SECRET", p.rotatingKeys, "kid:base64 list: signs download links", { secret: true, generated: true, neededBy: ["protocol"] }),
  fieldEncryptionKey: row("FIELD_ENCRYPTION_KEY", p.rotatingKeys, "kid:base64 list: encrypts personal fields at rest", { secret: true, generated: true, neededBy: ["evidence", "sms", "protocol", "verification-bridge", "notifier", "process"] }),
  outboundKeyFile: row("OUTBOUND_KEY_FILE", p.string, "JSON {keyId,signType,privateKey|secret}: signs outbound calls as system ESIGN", { generated: true, neededBy: ["sms", "verification-bridge"] }),
  sealKeyFile: row("SEAL_KEY_FILE", p.string, "PEM key that seals the PDFs", { generated: true, neededBy: ["evidence", "protocol"] }),
  sealCertFile: row("SEAL_CERT_FILE", p.string, "PEM certificate chain of the seal key, leaf first", { generated: true, neededBy: ["evidence", "protocol"] }),
  platformPartyName: row("PLATFORM_PARTY_NAME", p.string, "party A of OPEN_PAYMENT", { default: "拉卡拉支付股份有限公司" }),
  signWindow: row("SIGN_WINDOW", p.duration, "from initiation to signature", { default: "24h" }),
  verificationWindowRemittance: row("VERIFICATION_WINDOW_REMITTANCE", p.duration, "from signature to result, micro-remittance", { default: "7d" }),
  verificationWindowFace: row("VERIFICATION_WINDOW_FACE", p.duration, "from signature to result, face", { default: "24h" }),
  signSmsCode: row("SIGN_SMS_CODE", p.onOff, "the signer confirms with a code sent to the phone", { default: "on" }),
  readSeconds: row("READ_SECONDS", p.duration, "least time between display and signature", { default: "8s" }),
  verificationRulesFile: row("VERIFICATION_RULES_FILE", p.string, "JSON rows {processType?,merchantType?,mode}; absent means the rules of §4.2.2"),
  expiryScanInterval: row("EXPIRY_SCAN_INTERVAL", p.duration, "how often due deadlines are looked for", { default: "5s" }),
  expiryQueryGrace: row("EXPIRY_QUERY_GRACE", p.duration, "how long an unreachable verification system can hold up an expiry", { default: "1h" }),
  smsTimeout: row("SMS_TIMEOUT", p.duration, "one try at the SMS gateway", { default: "2s" }),
  verificationTimeout: row("VERIFICATION_TIMEOUT", p.duration, "one try at the verification system", { default: "3s" }),
  callbackTimeout: row("CALLBACK_TIMEOUT", p.duration, "one try at a wallet", { default: "15s" }),
  verificationQueryAfter: row("VERIFICATION_QUERY_AFTER", p.duration, "first active query when a callback stays away; doubles up to 1 h", { default: "30s" }),
  callbackSchedule: row("CALLBACK_SCHEDULE", p.durations, "waits before each wallet callback try", { default: "0s,5s,30s,2m,10m,30m,1h,2h,4h,8h,12h,20h,24h" }),
  downloadLinkTtl: row("DOWNLOAD_LINK_TTL", p.duration, "life of a download link", { default: "10m" }),
  walletRate: row("WALLET_RATE", p.rate, "initiations and resends a wallet may make", { default: "off" }),
  h5Rate: row("H5_RATE", p.rate, "calls a signing link may make", { default: "60/m" }),
  smsMobileLimit: row("SMS_MOBILE_LIMIT", p.rate, "SMS to one number; off with the sandbox"),
  chromiumPath: row("CHROMIUM_PATH", p.string, "Chromium to print with; absent means the one from npm"),
  logLevel: row("LOG_LEVEL", p.oneOf("trace", "debug", "info", "warn", "error", "fatal"), "least level that is logged", { default: "info" }),
  metricsPort: row("METRICS_PORT", p.portOrOff, "Prometheus metrics on loopback, or off", { default: "3030" }),
  strictChecksums: row("STRICT_CHECKSUMS", p.onOff, "checks the checksums of ID numbers and bank cards", { default: "off" }),
  allowHmac: row("ALLOW_HMAC", p.onOff, "wallet HMAC keys in production", { default: "off" }),
  payeeContactSigns: row("PAYEE_CONTACT_SIGNS", p.onOff, "where the payer signs, accept the payee's contact as §2.1.1 has it", { default: "off" }),
} satisfies Record<string, Setting<unknown>>;

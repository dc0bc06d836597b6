import { createHash } from "node:crypto";

/** Who works at the console in these tests: names as the audit knows them, each with a key and roles of their own. */
export const PEOPLE = {
  lin: { key: "lin-key-6mPqXo2Zr8TtW4yB1cDfGh", roles: ["author"] },
  zhou: { key: "zhou-key-9sKdJf3Lq7VvN5xA2eRtYu", roles: ["author", "approver"] },
  wang: { key: "wang-key-4hGbNm8Cx1QqZ7wE3rTyUi", roles: ["approver"] },
  zhao: { key: "zhao-key-7jUhYg5Tf2RrD6eS4wQaXc", roles: ["operator"] },
  sun: { key: "sun-key-2kIjUh9Yg4TtF7rD1eSwQa", roles: ["auditor"] },
} as const;
export type Person = keyof typeof PEOPLE;

/** `ADMIN_KEYS` with all of them. */
export const ADMIN_KEYS = Object.entries(PEOPLE)
  .map(([name, { key, roles }]) => `${name}:${createHash("sha256").update(key).digest("hex")}:${roles.join("+")}`)
  .join(",");

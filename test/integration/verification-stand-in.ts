import { hangUp, json, outsideSystem, type Call, type Reply } from "./outside-system.ts";

interface Attempt {
  verificationId: string;
  requestId: string;
  status: "PENDING" | "SUCCESS" | "FAILED";
  remaining: number;
}
const AMOUNT = "0.12";
export const VERIFIED_AT = "2026-01-01T08:00:00Z";

/** A verification system as CONTRACT.md §3.2 has it: keeps attempts, counts the money it moves, takes 0.12 for the right amount. */
export async function verificationStandIn() {
  const attempts: Attempt[] = [];
  /** When the face links made from now on end. */
  const face = { expiresAt: "2026-01-01T09:00:00Z" };
  const find = (by: Partial<Attempt>) => attempts.find((attempt) => attempt.requestId === by.requestId || attempt.verificationId === by.verificationId);
  const told = (attempt: Attempt, more: object = {}) => json({ code: "SUCCESS", data: { ...view(attempt), ...more } });
  const view = ({ verificationId, status }: Attempt) => ({
    verificationId,
    status,
    verifiedAt: status === "PENDING" ? null : VERIFIED_AT,
    failureReason: status === "FAILED" ? "金额不符" : null,
    evidence: status === "PENDING" ? null : { remittanceAmount: AMOUNT },
  });

  function act({ method, path, json: body }: Call): Reply {
    const { pathname, searchParams } = new URL(path, "http://stand-in");
    const [, kind, verificationId] = /^\/api\/v1\/verification\/(remittance|face)(?:\/([^/]+)\/confirm)?$/.exec(pathname) ?? [];
    if (method === "GET") {
      const found = find({ requestId: searchParams.get("requestId") ?? "-", verificationId: pathname.split("/").at(-1)! });
      return found ? told(found) : json({ code: "NOT_FOUND" }, 404);
    }
    if (verificationId) return confirm(find({ verificationId })!, body);
    const requestId = String(body["requestId"]);
    const attempt = find({ requestId }) ?? { verificationId: `VER-${requestId}`, requestId, status: "PENDING" as const, remaining: 3 };
    if (!attempts.includes(attempt)) attempts.push(attempt);
    return told(attempt, kind === "face" ? { faceUrl: "https://face.example.com/1", faceUrlExpiresAt: face.expiresAt } : {});
  }

  function confirm(attempt: Attempt, { amount }: Record<string, unknown>): Reply {
    if (amount === AMOUNT) attempt.status = "SUCCESS";
    else if (--attempt.remaining === 0) attempt.status = "FAILED";
    const { status, remaining } = attempt;
    return json(status === "SUCCESS" ? { code: "SUCCESS", data: { status } } : { code: "VERIFICATION_MISMATCH", data: { status, remainingAttempts: remaining } });
  }

  const system = await outsideSystem((response, call) => act(call)(response, call));
  return {
    ...system,
    attempts,
    face,
    /** Does what was asked; answers by what it returns. */
    act,
    /** Does what was asked and hangs up: the caller cannot know. */
    actThenHangUp: ((response, call) => (act(call), hangUp(response, call))) satisfies Reply,
    posts: (requestId: string) => system.calls.filter((call) => call.method === "POST" && call.json["requestId"] === requestId),
    settle(requestId: string, status: Attempt["status"]) {
      find({ requestId })!.status = status;
    },
  };
}

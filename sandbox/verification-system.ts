import { randomInt } from "node:crypto";
import { randomBase32 } from "../contract/ids.ts";
import { isoSeconds } from "../contract/time.ts";
import { clock } from "../mixins/clock.ts";
import type { Books, RemittanceAnswer, Verification } from "./books.ts";

const ATTEMPTS = 3;
const FACE_URL_LIFE_MS = 30 * 60_000;

export interface StartRequest {
  requestId: string;
  processId: string;
  callbackUrl: string;
  callbackToken: string;
}

/**
 * The verification system of §7.1: transfers a random amount with a random remark, compares the answers, runs face checks.
 * Every change is on the books before it is told to anyone.
 * @param resultReady is called when a verification reaches its result
 */
export class VerificationSystem {
  private readonly books: Books;
  private readonly publicBaseUrl: string;
  private readonly resultReady: (verification: Verification) => void;

  constructor(books: Books, publicBaseUrl: string, resultReady: (verification: Verification) => void) {
    this.books = books;
    this.publicBaseUrl = publicBaseUrl;
    this.resultReady = resultReady;
  }

  /** Sends the money, once for a `requestId`: a repeat gives the transfer that was made. */
  remit(request: StartRequest, payee: string, cardNo: string): Verification {
    return this.books.verificationOf(request.requestId) ?? this.open(request, {
      remittance: { amount: `0.${String(randomInt(1, 100)).padStart(2, "0")}`, remark: randomBase32(6), payee, cardTail: cardNo.slice(-4) },
    });
  }

  /** Opens a face page, once for a `requestId`. */
  openFace(request: StartRequest, returnUrl: string): Verification {
    const known = this.books.verificationOf(request.requestId);
    if (known) return known;
    const verificationId = newVerificationId();
    const url = `${this.publicBaseUrl}/sandbox/face/${verificationId}`;
    return this.open(request, { verificationId, face: { url, expiresAt: isoSeconds(clock.now() + FACE_URL_LIFE_MS), returnUrl } });
  }

  /** Compares an answer with the transfer. The same `answerId` again gets the same reply and costs no attempt. */
  confirm(verification: Verification, answerId: string, amount: string, remark: string): RemittanceAnswer {
    const given = verification.answers[answerId];
    if (given) return given;
    if (verification.status !== "PENDING") return closedAnswer(verification);
    const { amount: sent, remark: told } = verification.remittance!;
    const right = amount === sent && normal(remark) === normal(told);
    const wrongAnswers = verification.wrongAnswers + (right ? 0 : 1);
    const remainingAttempts = ATTEMPTS - wrongAnswers;
    const status = right ? "SUCCESS" : remainingAttempts > 0 ? "PENDING" : "FAILED";
    const answer: RemittanceAnswer = right
      ? { code: "SUCCESS", data: { status: "SUCCESS" } }
      : { code: "VERIFICATION_MISMATCH", data: { status, remainingAttempts } };
    const answered = { ...verification, wrongAnswers, answers: { ...verification.answers, [answerId]: answer } };
    if (status === "PENDING") this.books.keepVerification(answered);
    else this.close(answered, status, `金额或备注连续 ${ATTEMPTS} 次不符`);
    return answer;
  }

  /** The person's face was recognised, or not. The first result stays; after its link has expired nobody can be in front of the camera. */
  decideFace(verification: Verification, status: "SUCCESS" | "FAILED"): Verification {
    return verification.status === "PENDING" && !this.faceExpired(verification) ? this.close(verification, status, "人脸比对未通过") : verification;
  }

  faceExpired({ face }: Verification): boolean {
    return face !== null && clock.now() >= Date.parse(face.expiresAt);
  }

  private open(request: StartRequest, rest: Partial<Verification>): Verification {
    const { requestId, processId, callbackUrl, callbackToken } = request;
    const verification: Verification = {
      verificationId: newVerificationId(),
      requestId,
      processId,
      status: "PENDING",
      createdAt: isoSeconds(clock.now()),
      verifiedAt: null,
      failureReason: null,
      remittance: null,
      wrongAnswers: 0,
      answers: {},
      face: null,
      callbackUrl,
      callbackToken,
      notified: false,
      ...rest,
    };
    this.books.keepVerification(verification);
    return verification;
  }

  private close(verification: Verification, status: "SUCCESS" | "FAILED", reason: string): Verification {
    const closed: Verification = {
      ...verification,
      status,
      verifiedAt: isoSeconds(clock.now()),
      failureReason: status === "FAILED" ? reason : null,
    };
    this.books.keepVerification(closed);
    this.resultReady(closed);
    return closed;
  }
}

const newVerificationId = (): string => `VER${isoSeconds(clock.now()).slice(0, 10).replaceAll("-", "")}${randomBase32(12)}`;

const normal = (remark: string): string => remark.normalize("NFKC").trim().toUpperCase();

const closedAnswer = (verification: Verification): RemittanceAnswer =>
  verification.status === "SUCCESS"
    ? { code: "SUCCESS", data: { status: "SUCCESS" } }
    : { code: "VERIFICATION_MISMATCH", data: { status: "FAILED", remainingAttempts: 0 } };

/** What the verification system shows of a verification, in a query and in the callback (§2.1.3). */
export function resultOf(verification: Verification) {
  const { verificationId, status, verifiedAt, failureReason, remittance } = verification;
  const evidence =
    status === "PENDING" ? null
    : remittance ? { remittanceAmount: remittance.amount, remittanceRemark: remittance.remark }
    : { faceResult: status, provider: "SANDBOX" };
  return { verificationId, status, verifiedAt, failureReason, evidence };
}

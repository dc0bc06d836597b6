import type { CallerKey } from "../../config/callers.ts";
import { SIGN_TYPES, type SignType } from "../../contract/request-signature.ts";

/**
 * Keys nobody can sign with: their private halves were thrown away when they were made. A request that names no usable key is
 * verified by one of these, so that a refusal takes as long whether or not the key exists (CONTRACT.md §2.3).
 */
const RSA = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyrsc+5JkN1Wq6k9jGlM5
HYhd1YNAtVMSIaLjrp7xsW6fOF3dpKQ6OhLFIt+Sy/hlREenSGUj+AvaUuZbOqJN
FnQOCden7nAfL7t+c4+bC11eQ2OYCl0c1aAQ7OYZT0Kx+cm/CSb0ySRH6as43nj/
ZUyRtqrLJA3zWtjF5qJouDTrSbo7R8HdQ0VcFMEy3mAKNSF8UfG95LbhLXH4W+JH
VgmMguAD6vsoyJvhuqCOlYlk6bHRQE8PzRE8cFn/pgR3OxLo3X9wxHdzs1bp/sLd
5fzUCyBislinLAgdk6OG7Kdf/zhaE5zke2J63znOyH3mVflz7tHLQrjjeSnA1ZQQ
lwIDAQAB
-----END PUBLIC KEY-----
`;
const ED25519 = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAi875YR2iOfDG4ivN26XylbjRoi+Xj2GHYxGE2qI5XhE=
-----END PUBLIC KEY-----
`;

const DECOYS: Readonly<Record<SignType, CallerKey>> = {
  "HMAC-SHA256": { keyId: "decoy", signType: "HMAC-SHA256", secret: Buffer.alloc(32).toString("base64") },
  ED25519: { keyId: "decoy", signType: "ED25519", publicKey: ED25519 },
  "RSA-SHA256": { keyId: "decoy", signType: "RSA-SHA256", publicKey: RSA },
};

/** The decoy of the type that a request claims; for a claim that is none, that of the usual type. */
export const decoyFor = (signType: string): CallerKey => DECOYS[SIGN_TYPES.find((known) => known === signType) ?? "ED25519"];

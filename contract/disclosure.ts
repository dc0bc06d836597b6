/**
 * What of a process leaves the platform in full on an operator's word (CONTRACT.md §2.5): one field, or one document, each with a reason
 * and after it has been written down. Everything else an operator sees is masked.
 */
export const REVEALABLE = ["signer.name", "signer.mobile", "signer.idCardNo", "bankCard.cardNo", "bankCard.accountName"] as const;
export type Revealable = (typeof REVEALABLE)[number];

export const DOCUMENT_KINDS = ["AGREEMENT", "SEALED_PDF", "BUNDLE"] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** The word if it is one of these; null for anything else, which is then nowhere repeated. */
export const oneOf = <T extends string>(words: readonly T[], given: unknown): T | null => words.find((word) => word === given) ?? null;

/** Codes by which a wallet's answer says that it has taken the callback (CONTRACT.md §3.3). */
const GOOD_CODES: readonly unknown[] = ["SUCCESS", "OK", "0", 0];

/**
 * What an answer means: 2xx is delivered unless its body is JSON with another `code`; 410 means never again; anything else,
 * redirects too, is tried again.
 * @param body text as far as it was read
 */
export function verdict(status: number, body: string): "DELIVERED" | "REFUSED" | "GONE" | "FAILED" {
  if (status === 410) return "GONE";
  if (status < 200 || status > 299) return "FAILED";
  return takesBack(body) ? "REFUSED" : "DELIVERED";
}

function takesBack(body: string): boolean {
  try {
    const parsed = JSON.parse(body) as unknown;
    return typeof parsed === "object" && parsed !== null && "code" in parsed && !GOOD_CODES.includes(parsed.code);
  } catch {
    return false;
  }
}

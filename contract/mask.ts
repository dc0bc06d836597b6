/**
 * Masks of CONTRACT.md §2.1 "Personal data". Every answer, log and page uses these; only the agreement and the evidence bundle
 * hold the full value.
 */

/** `13800138000` → `138****8000`. */
export const maskMobile = (mobile: string): string => mobile.slice(0, 3) + "****" + mobile.slice(-4);

/** First and last character stay: `1****************4`. */
export const maskIdCard = (id: string): string => id.slice(0, 1) + "*".repeat(Math.max(id.length - 2, 0)) + id.slice(-1);

/** First six and last four digits stay; under 14 digits only the last four. */
export function maskCard(card: string): string {
  const shown = card.length < 14 ? 0 : 6;
  return card.slice(0, shown) + "*".repeat(Math.max(card.length - shown - 4, 0)) + card.slice(-4);
}

/** The first character stays, one star for each other: `张三` → `张*`. */
export function maskName(name: string): string {
  const [first = "", ...rest] = Array.from(name);
  return first + "*".repeat(rest.length);
}

const PARTY = ["merchantNo", "merchantName", "merchantType", "accountNo", "accountType"];
const CARD = ["cardNo", "accountName", "bankCode"];
const CONTACT = ["name", "idCardNo", "mobile"];

/** Every field of §2.1.1's body that may be kept; what else a caller sends is ignored (CONTRACT.md §2). */
const KNOWN = [
  ...["requestId", "businessType", "scene", "processType", "fundPurpose", "callbackUrl"],
  ...["initiatorInfo.merchantNo", "initiatorInfo.merchantName", "extInfo.orderAggregationMaxRatio"],
  ...["payerInfo", "payeeInfo"].flatMap((party) => [
    ...PARTY.map((field) => `${party}.${field}`),
    ...CARD.map((field) => `${party}.bankCardInfo.${field}`),
    ...CONTACT.map((field) => `${party}.contactInfo.${field}`),
  ]),
];

/**
 * The fields in which the request that was frozen differs from the body that was sent. Null and absent are the same.
 * @returns dotted names, never values
 */
export function differingFields(body: unknown, request: unknown): string[] {
  return [...new Set([...KNOWN, ...leaves(request)])].filter((field) => valueAt(body, field) !== valueAt(request, field));
}

/** A leaf's value; null where there is none, a list or object as its JSON. */
function valueAt(value: unknown, field: string): unknown {
  const found = field.split(".").reduce<unknown>((at, name) => (isNode(at) && Object.hasOwn(at, name) ? at[name] : null), value);
  return isNode(found) ? JSON.stringify(found) : found;
}

const leaves = (value: unknown, prefix = ""): string[] =>
  isNode(value) ? Object.entries(value).flatMap(([name, inner]) => leaves(inner, prefix ? `${prefix}.${name}` : name)) : [prefix];

const isNode = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

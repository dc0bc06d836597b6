type Shape = { [name: string]: Shape | 1 };

/** The fields of §2.1.1 written down a second time, by hand: what a wallet may be told of and what may be stored. */
const NAME: Shape = { merchantNo: 1, merchantName: 1 };
const PARTY: Shape = { ...NAME, merchantType: 1, accountNo: 1, accountType: 1, bankCardInfo: { cardNo: 1, accountName: 1, bankCode: 1 }, contactInfo: { name: 1, idCardNo: 1, mobile: 1 } };
const INITIATE: Shape = {
  requestId: 1, businessType: 1, scene: 1, processType: 1, payerInfo: PARTY, payeeInfo: PARTY, initiatorInfo: NAME, fundPurpose: 1, callbackUrl: 1, extInfo: { orderAggregationMaxRatio: 1 },
};
/** Dotted names of all fields, objects included, and the body itself. */
const namesOf = (shape: Shape, prefix = ""): string[] =>
  Object.entries(shape).flatMap(([name, inner]) => [`${prefix}${name}`, ...(inner === 1 ? [] : namesOf(inner, `${prefix}${name}.`))]);

export const INITIATE_FIELDS: ReadonlySet<string> = new Set(["body", ...namesOf(INITIATE)]);

/** What is to be stored of an accepted body: declared fields that are not null; an absent optional object is null. */
export function storedForm(body: Record<string, unknown>): Record<string, unknown> {
  return { payeeInfo: null, extInfo: null, ...declared(body, INITIATE) };
}

function declared(value: Record<string, unknown>, shape: Shape): Record<string, unknown> {
  const kept = Object.entries(shape).filter(([name]) => Object.hasOwn(value, name) && value[name] !== null);
  return Object.fromEntries(kept.map(([name, inner]) => [name, inner === 1 ? value[name] : declared(value[name] as Record<string, unknown>, inner)]));
}

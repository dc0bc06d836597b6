import { createFieldCipher } from "../../../mixins/storage/field-cipher.ts";
import { remembering } from "../../../mixins/storage/remembering-cipher.ts";

const key = (kid: string, byte: number) => ({ kid, key: Buffer.alloc(32, byte) });
const place = { collection: "signing_process", id: "P1", field: "mobile" };
const TEXT = "13800138000 张三 𬭎";

describe.each([
  ["the cipher", createFieldCipher],
  ["the remembering cipher", (keys: Parameters<typeof createFieldCipher>[0]) => remembering(createFieldCipher(keys))],
])("%s", (_, create) => {
  const cipher = create([key("k1", 1)]);

  test("gives back what it took, in a token that says version and key", () => {
    const token = cipher.encrypt(TEXT, place);
    expect(token).toMatch(/^v1\.k1\.[A-Za-z0-9_-]+$/);
    expect(cipher.decrypt(token, place)).toBe(TEXT);
    expect(create([key("k1", 1)]).decrypt(token, place)).toBe(TEXT);
    expect(cipher.decrypt(cipher.encrypt("", place), place)).toBe("");
  });

  test.each([
    ["row", { ...place, id: "P2" }],
    ["field", { ...place, field: "name" }],
    ["collection", { ...place, collection: "sms_record" }],
    ["row and field that read the same together", { ...place, id: "P1\",\"m", field: "obile" }],
  ])("a token moved to another %s does not decrypt", (_what, elsewhere) => {
    const token = cipher.encrypt(TEXT, place);
    expect(() => cipher.decrypt(token, elsewhere)).toThrow(`${elsewhere.collection}.${elsewhere.field} cannot be decrypted with key k1`);
  });

  test("any changed character of a token is noticed, and no error holds the value", () => {
    const token = cipher.encrypt("13800138000", place);
    const start = "v1.k1.".length;
    for (let i = start; i < token.length; i += 1) {
      const changed = token.slice(0, i) + (token[i] === "A" ? "B" : "A") + token.slice(i + 1);
      // The last character may carry unused bits of base64url; it then still means the same bytes.
      if (Buffer.from(changed.slice(start), "base64url").equals(Buffer.from(token.slice(start), "base64url"))) continue;
      expect(() => cipher.decrypt(changed, place)).toThrow(/^signing_process\.mobile cannot be decrypted/);
    }
  });

  test.each([
    ["plain text", "13800138000", "does not hold an encrypted value"],
    ["another version", "v2.k1.AAAA", "does not hold an encrypted value"],
    ["too many parts", "v1.k1.AAAA.AAAA", "does not hold an encrypted value"],
    ["nothing inside", "v1.k1.", "cannot be decrypted"],
    ["a token cut short", "v1.k1.AAAAAAAAAAAAAAAAAAAA", "cannot be decrypted"],
    ["an unknown key", "v1.k9.AAAA", "is encrypted with key k9, which FIELD_ENCRYPTION_KEY does not have"],
  ])("%s is refused", (_what, token, why) => {
    expect(() => cipher.decrypt(token, place)).toThrow(`signing_process.mobile ${why}`);
  });

  test("the first key encrypts, all decrypt", () => {
    const old = cipher.encrypt(TEXT, place);
    const rotated = create([key("k2", 2), key("k1", 1)]);
    expect(rotated.decrypt(old, place)).toBe(TEXT);
    expect(rotated.encrypt(TEXT, place)).toMatch(/^v1\.k2\./);
    expect([rotated.isCurrent(old), rotated.isCurrent(rotated.encrypt(TEXT, place))]).toEqual([false, true]);
  });

  test("a blind index is the same for the same value of a field, under each live key, and for nothing else", () => {
    const rotated = create([key("k2", 2), key("k1", 1)]);
    expect(rotated.blindIndexes("138", place)).toEqual([rotated.blindIndex("138", place), cipher.blindIndex("138", place)]);
    const all = [cipher.blindIndex("138", place), cipher.blindIndex("139", place), cipher.blindIndex("138", { ...place, field: "phone" }), cipher.blindIndex("138", { ...place, collection: "x" })];
    expect(new Set(all).size).toBe(4);
    expect(all.join()).not.toContain("138");
  });
});

test("the plain cipher never gives the same token twice", () => {
  const cipher = createFieldCipher([key("k1", 1)]);
  const tokens = Array.from({ length: 1000 }, () => cipher.encrypt(TEXT, place));
  const ivs = tokens.map((token) => Buffer.from(token.split(".")[2]!, "base64url").subarray(0, 12).toString("hex"));
  expect(new Set(ivs).size).toBe(1000);
});

test("the remembering cipher repeats a token only for the same text in the same place", () => {
  const cipher = remembering(createFieldCipher([key("k1", 1)]));
  const token = cipher.encrypt(TEXT, place);
  expect(cipher.encrypt(TEXT, place)).toBe(token);
  expect(cipher.encrypt(TEXT, { ...place, id: "P2" })).not.toBe(token);
  const other = cipher.encrypt("other", place);
  expect(cipher.encrypt(TEXT, place)).not.toBe(token);
  expect(cipher.decrypt(other, place)).toBe("other");
  expect(cipher.decrypt(token, place)).toBe(TEXT);
});

test("no key is no cipher", () => {
  expect(() => createFieldCipher([])).toThrow("field encryption needs a key");
});

import fc from "fast-check";
import { judgeLive, LIVE_SETTINGS, liveSetting, parseLive, textOfLive, type LiveSetting } from "../../../config/live-settings.ts";
import { SETTINGS } from "../../../config/table.ts";
import type { Setting } from "../../../config/table.ts";

const settings = LIVE_SETTINGS.map((setting) => [setting.key, setting] as const);
const of = (key: string): LiveSetting => liveSetting(key)!;
const rows = Object.entries(SETTINGS) as [string, Setting<unknown>][];

test.each(settings)("%s is the setting of the same name at the start, read by the same parser", (key, { name, type }) => {
  if (type === "rules") return expect(SETTINGS.verificationRulesFile.env).toBe(`${key}_FILE`);
  const [, atStart] = rows.find(([, { env }]) => env === key)!;
  expect(rows.find(([, { env }]) => env === key)![0]).toBe(name);
  for (const text of ["on", "off", "7d", "60/m", "1s,2s", "nonsense"]) {
    const read = (parse: (text: string) => unknown): unknown => {
      try {
        return parse(text);
      } catch {
        return "refused";
      }
    };
    expect(read((one) => parseLive(of(key), one))).toEqual(read(atStart.parse));
  }
});

test.each(settings.filter(([key]) => rows.some(([, { env, default: text }]) => env === key && text !== undefined)))("the default of %s is sane, so that it can be set again", (key, setting) => {
  const [, { default: text }] = rows.find(([, { env }]) => env === key)!;
  expect(judgeLive(setting, text!).fault).toBeNull();
});

test.each(settings)("%s has a name and a meaning in Chinese", (_key, { label, doc }) => {
  expect(label).toMatch(/\p{Script=Han}/u);
  expect(doc).toMatch(/\p{Script=Han}/u);
});

test.each<[string, string, string]>([
  ["SIGN_WINDOW", "1440m", "24h"],
  ["SIGN_WINDOW", " 48h ", "2d"],
  ["SIGN_WINDOW", "90m", "90m"],
  ["READ_SECONDS", "0ms", "0s"],
  ["READ_SECONDS", "1500ms", "1500ms"],
  ["SMS_MOBILE_LIMIT", "10/24h", "10/24h"],
  ["WALLET_RATE", "60/1m", "60/m"],
  ["WALLET_RATE", "60/60s", "60/m"],
  ["WALLET_RATE", "off", "off"],
  ["SIGN_SMS_CODE", "true", "on"],
  ["CALLBACK_SCHEDULE", "0s, 5s,60s", "0s,5s,1m"],
  ["VERIFICATION_RULES", ' [ {"mode":"FACE"} ] ', '[{"mode":"FACE"}]'],
])("%s: %j is kept as %j", (key, text, kept) => {
  expect(judgeLive(of(key), text)).toEqual({ text: kept, fault: null });
});

test.each<[string, string]>([
  ["SIGN_WINDOW", "59s"],
  ["SIGN_WINDOW", "721h"],
  ["VERIFICATION_WINDOW_REMITTANCE", "59m"],
  ["VERIFICATION_WINDOW_FACE", "31d"],
  ["READ_SECONDS", "601s"],
  ["EXPIRY_QUERY_GRACE", "8d"],
  ["VERIFICATION_QUERY_AFTER", "999ms"],
  ["DOWNLOAD_LINK_TTL", "25h"],
  ["DOWNLOAD_LINK_TTL", "59s"],
  ["H5_RATE", "9/m"],
  ["H5_RATE", "100/h"],
  ["SMS_MOBILE_LIMIT", "1/24h"],
  ["SMS_MOBILE_LIMIT", "5/s"],
  ["WALLET_RATE", "5/2d"],
  ["WALLET_RATE", "5/10ms"],
  ["CALLBACK_SCHEDULE", "2h,5s"],
  ["CALLBACK_SCHEDULE", "0s,8d"],
])("%s: %j is understood and yet refused, naming the key and saying what would do", (key, text) => {
  expect(() => parseLive(of(key), text)).not.toThrow();
  expect(judgeLive(of(key), text).fault).toMatch(new RegExp(`^${key} .*\\p{Script=Han}`, "u"));
});

test("whatever is given, the judgement is a text that says the same when it is read again, or a Chinese fault without what was given", () => {
  const given = fc.oneof(fc.string(), fc.constantFrom("on", "off", "5m", "12h", "20/m", "0s,1h", '[{"mode":"FACE"}]'), fc.tuple(fc.nat(99_999), fc.constantFrom("ms", "s", "m", "h", "d")).map(([n, unit]) => `${n}${unit}`), fc.anything());
  fc.assert(
    fc.property(fc.constantFrom(...LIVE_SETTINGS), given, (setting, text) => {
      const judged = judgeLive(setting, text);
      if (judged.fault !== null) {
        expect(judged.fault).toMatch(new RegExp(`^${setting.key} .*\\p{Script=Han}`, "u"));
        if (typeof text === "string" && text.length > 12) expect(judged.fault).not.toContain(text);
      } else {
        expect(judgeLive(setting, judged.text)).toEqual(judged);
        expect(parseLive(setting, judged.text)).toEqual(parseLive(setting, (text as string).trim()));
        expect(textOfLive(setting, parseLive(setting, judged.text))).toBe(judged.text);
      }
    }),
    { numRuns: 3_000 },
  );
});

test("a text longer than any setting needs is refused unread", () => {
  expect(judgeLive(of("VERIFICATION_RULES"), `[${'{"mode":"FACE"},'.repeat(400)}{"mode":"FACE"}]`).fault).toContain("VERIFICATION_RULES");
});

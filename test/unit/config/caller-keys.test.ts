import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isKeyOf, readCallerKeys } from "../../../cli/verify/caller-keys.ts";
import { keepCallerKeys } from "../../../config/caller-keys.ts";
import { openCallers, type Callers } from "../../../config/callers.ts";
import { publicHalf } from "../../../contract/request-signature.ts";

const madePem = (): string => generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }) as string;
const [one, two] = [madePem(), madePem()];
const edKey = (keyId: string, publicKey: string) => ({ keyId, signType: "ED25519" as const, publicKey });
const hmac = { keyId: "h1", signType: "HMAC-SHA256", secret: Buffer.alloc(32, 7).toString("base64") };
const shaOf = (publicKey: string): string => publicHalf(edKey("", publicKey))!.sha256;

let folder: string;
let kept: string;
let file: string;
let callers: Callers | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "esign-caller-keys-"));
  kept = join(folder, "kept");
  file = join(folder, "callers.json");
});
afterEach(() => {
  callers?.close();
  callers = undefined;
  rmSync(folder, { recursive: true });
});
const write = (content: object): void => writeFileSync(file, JSON.stringify(content));
const open = (): Callers => (callers = openCallers({ callersFile: file, production: false, allowHmac: true }, (all) => keepCallerKeys(kept, all)));
const names = (): string[] => readdirSync(kept).sort();
const nameOf = (keyId: string, publicKey: string): string => `WALLET-${keyId}-${shaOf(publicKey).slice(0, 16)}.pem`;

test("every public key a caller has ever had is kept, no secret, and nothing is taken away", () => {
  write({ WALLET: { keys: [edKey("k1", one), hmac] } });
  const live = open();
  expect(names()).toEqual([nameOf("k1", one)]);
  write({ WALLET: { keys: [edKey("k1", two)] } });
  live.refresh();
  expect(names()).toEqual([nameOf("k1", one), nameOf("k1", two)].sort());
  write({ AUTH: { keys: [hmac] } });
  live.refresh();
  expect(names()).toHaveLength(2);
  expect(createPublicKey(readFileSync(join(kept, nameOf("k1", one)))).equals(createPublicKey(one))).toBe(true);
  expect(statSync(join(kept, nameOf("k1", one))).mode & 0o777).toBe(0o600);
});

test("what a crash left half written is made whole at the next start", () => {
  write({ WALLET: { keys: [edKey("k1", one)] } });
  open().close();
  writeFileSync(join(kept, nameOf("k1", one)), "-----BEGIN");
  open();
  expect(readCallerKeys(kept)).toEqual([{ name: nameOf("k1", one).slice(0, -4), sha256: shaOf(one) }]);
});

test("a key that cannot be kept is not accepted, and the old ones stay", () => {
  write({ WALLET: { keys: [edKey("k1", one)] } });
  const live = open();
  const told: string[][] = [];
  live.onBadFile((problems) => told.push(problems));
  rmSync(kept, { recursive: true });
  writeFileSync(kept, "a file where the folder should be");
  write({ WALLET: { keys: [edKey("k2", two)] } });
  live.refresh();
  expect(live.get("WALLET")!.keys.map(({ keyId }) => keyId)).toEqual(["k1"]);
  expect(told).toEqual([[expect.stringMatching(/^CALLERS_FILE: the public keys cannot be kept \(E[A-Z]+\)$/)]]);
  rmSync(kept);
  live.refresh();
  expect(live.get("WALLET")!.keys.map(({ keyId }) => keyId)).toEqual(["k2"]);
});

test.each<[string, string, string, string, boolean]>([
  ["as the platform names it", "WALLET-k1-0123456789abcdef", "WALLET", "k1", true],
  ["named by hand", "WALLET-k1", "WALLET", "k1", true],
  ["with a key id that looks like a fingerprint", "WALLET-deadbeef", "WALLET", "deadbeef", true],
  ["of another system", "OTHER-k1-0123456789abcdef", "WALLET", "k1", false],
  ["under another id", "WALLET-k2", "WALLET", "k1", false],
  ["of a system whose code only begins alike", "WALLET-X-k1", "WALLET", "k1", false],
])("a trusted key counts for the system and id of its file's name: %s", (_what, name, system, keyId, expected) => {
  expect(isKeyOf([{ name, sha256: "aa" }], system, keyId, "aa")).toBe(expected);
  expect(isKeyOf([{ name, sha256: "aa" }], system, keyId, "bb")).toBe(false);
});

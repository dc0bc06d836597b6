import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSealKey } from "../../../services/evidence/seal-key.ts";
import { issue, root, type Issued } from "./authority.ts";

const [before, after] = [issue({ name: "Seal of last year", by: root }), issue({ name: "Seal of this year", by: root })];
const NOW = 1_000_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "esign-seal-key-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
const putKey = ({ key }: Issued): void => writeFileSync(join(folder, "key.pem"), key.export({ type: "pkcs8", format: "pem" }));
const putCertificate = ({ certificate }: Issued): void => writeFileSync(join(folder, "cert.pem"), certificate.toString());
const signs = (now: number): string => readSealKey(join(folder, "key.pem"), join(folder, "cert.pem"), now).certificates;

test("while the two files are replaced, in either order, the old seal signs; then the new one", () => {
  for (const order of [[putKey, putCertificate], [putCertificate, putKey]] as const) {
    for (const put of order) put(before);
    expect(signs(NOW)).toBe(before.certificate.toString());
    order[0](after);
    expect(signs(NOW + 1)).toBe(before.certificate.toString());
    order[1](after);
    expect(signs(NOW + 2)).toBe(after.certificate.toString());
  }
});

test("a pair that does not fit is borne for a minute and no longer", () => {
  putKey(before);
  putCertificate(before);
  signs(NOW);
  putKey(after);
  expect(signs(NOW)).toBe(before.certificate.toString());
  expect(signs(NOW + 60_000)).toBe(before.certificate.toString());
  expect(() => signs(NOW + 60_001)).toThrow("does not belong");
});

test.each<[string, () => void]>([
  ["never fitted", () => (putKey(before), putCertificate(after))],
  ["is not there", () => undefined],
])("a pair that %s is refused at once", (_what, put) => {
  put();
  expect(() => signs(NOW)).toThrow();
});

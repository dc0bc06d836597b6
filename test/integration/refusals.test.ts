import { ERROR_TABLE } from "../../contract/errors.ts";
import { holdAllAgainstDocument } from "./openapi/documented.ts";
import { provoke } from "./refusals/provocation.ts";
import { ADMIN_KEYS } from "./refusals/arranging.ts";
import { BY_OTHERS } from "./refusals/other-provocations.ts";
import { BY_SIGNERS } from "./refusals/signer-provocations.ts";
import { BY_WALLETS, SIGNING_CALLER } from "./refusals/wallet-provocations.ts";
import { wholePlatform, type WholePlatform } from "./refusals/whole-platform.ts";

/** Every code of the catalogue through HTTP against the real gateway and the real services, with nothing stored and nothing sent. */
jest.setTimeout(60_000);

const PROVOCATIONS = [...BY_WALLETS, ...BY_SIGNERS, ...BY_OTHERS];

let platform: WholePlatform;
beforeAll(async () => {
  platform = await wholePlatform({ env: { ADMIN_KEYS }, callers: { ...SIGNING_CALLER, OTHER: {} } });
  // What is provoked here must stand in the API document, at its route.
  holdAllAgainstDocument(platform.http);
});
afterAll(() => platform.stop());

test.each(PROVOCATIONS.map((row) => [row.code, row.by, row] as const))("%s is the answer to %s", async (_code, _by, row) => {
  await provoke(platform, row);
});

test("no code of the catalogue is without a way to provoke it", () => {
  const provoked = new Set(PROVOCATIONS.map(({ code }) => code));
  expect(Object.keys(ERROR_TABLE).filter((code) => !provoked.has(code as never))).toEqual([]);
});

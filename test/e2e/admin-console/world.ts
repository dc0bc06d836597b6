import type { Browser } from "puppeteer-core";
import { clientExample } from "../../fixtures/client-example.ts";
import { launchBrowser } from "../browser.ts";
import { PlatformProcess } from "../driver/platform-process.ts";
import { call, Signing } from "../driver/signing.ts";
import { Desk, SCREENS } from "./desk.ts";
import { ADMIN_KEYS, type Person } from "./people.ts";

type Mode = "OK" | "FAIL" | "SILENT";

/** A platform with administrators, its sandbox, and a browser at which several people sit. */
export class ConsoleWorld {
  readonly browser: Browser;
  readonly platform: PlatformProcess;
  #desks: Desk[] = [];
  #initiated = 0;

  private constructor(browser: Browser, platform: PlatformProcess) {
    this.browser = browser;
    this.platform = platform;
  }

  /** @param env more of the platform's settings */
  static async start(env: Record<string, string> = {}): Promise<ConsoleWorld> {
    const browser = await launchBrowser();
    const platform = await PlatformProcess.create({ LOG_LEVEL: "warn", ADMIN_KEYS, SIGN_SMS_CODE: "off", VERIFICATION_QUERY_AFTER: "500ms", ...env });
    await platform.start();
    return new ConsoleWorld(browser, platform);
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.platform.dispose();
  }

  /** The console in a browser context of its own, with somebody logged in if told who. */
  async desk(person?: Person, { screen = SCREENS.desk }: { screen?: { width: number; height: number } } = {}): Promise<Desk> {
    const desk = await Desk.open(this.browser, this.platform.url, { screen });
    this.#desks.push(desk);
    if (person) await desk.logIn(person);
    return desk;
  }

  /** What any of the pages did that none may do; closes them. */
  async closeDesks(): Promise<{ violations: string[]; strangers: string[] }> {
    const desks = this.#desks.splice(0);
    await Promise.all(desks.map((desk) => desk.close()));
    return { violations: desks.flatMap(({ trouble }) => trouble.violations), strangers: desks.flatMap(({ trouble }) => trouble.strangers) };
  }

  /** The client's own example, with what is to be different in it. */
  async initiate(change: (example: ReturnType<typeof clientExample>) => object = () => ({})): Promise<Signing> {
    const example = clientExample();
    const body = { ...example, requestId: `CONSOLE_${++this.#initiated}`, callbackUrl: `${this.platform.url}/sandbox/gateway/wallet`, ...change(example) };
    const begun = await call<{ processId: string; h5PageUrl: string }>(`${this.platform.url}/api/v1/esign/process/initiate`, { body, headers: { "X-System-Code": "WALLET", "X-Business-Id": "BIZ-1" } });
    if (begun.http !== 200) throw new Error(`not initiated: ${JSON.stringify(begun)}`);
    return new Signing(this.platform, begun.data.processId, new URL(begun.data.h5PageUrl).searchParams.get("token")!);
  }

  /** How the systems outside behave from now on. */
  async outside(faults: Partial<Record<"sms" | "verification" | "wallet", Mode>>): Promise<void> {
    const body = JSON.stringify(Object.fromEntries(Object.entries(faults).map(([system, mode]) => [system, { mode }])));
    const answer = await fetch(`${this.platform.url}/sandbox/api/faults`, { method: "PUT", headers: { "content-type": "application/json" }, body });
    if (!answer.ok) throw new Error(`no fault was set: ${answer.status}`);
  }
}

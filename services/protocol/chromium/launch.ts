import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";
import { fontconfig } from "../fonts.ts";
import { makeOwnDirectory, removeLeftovers, removeOwnDirectory } from "./leftovers.ts";
import { sharedFolder } from "./shared-folder.ts";
import { unpackChromium, type ChromiumFiles } from "./unpack.ts";

export interface LaunchedBrowser {
  browser: Browser;
  /** Removes the profile; to be called once the browser is gone. */
  cleanUp(): Promise<void>;
}
export interface LaunchOptions {
  /** CHROMIUM_PATH; absent means the bundled one. */
  executable?: string | undefined;
  /** Where profiles go. */
  workDir: string;
  /** Longest one command to the browser may take. */
  timeoutMs: number;
}

const PROFILE = "profile-";

/**
 * Nothing leaves and nothing is fetched: a dead proxy that also covers loopback, no names, no background traffic
 * (the page adds interception, JavaScript off and a CSP: docs/decisions/chromium-from-npm.md). The package's own arguments
 * are not used: they turn web security off.
 */
const ARGUMENTS = [
  "--headless",
  "--proxy-server=http://127.0.0.1:9",
  "--proxy-bypass-list=<-loopback>",
  "--host-resolver-rules=MAP * ~NOTFOUND",
  "--disable-background-networking",
  "--disable-breakpad",
  "--disable-component-update",
  "--disable-crash-reporter",
  "--disable-default-apps",
  "--disable-dev-shm-usage",
  "--disable-domain-reliability",
  "--disable-extensions",
  "--disable-gpu",
  "--disable-sync",
  "--disable-webgl",
  "--font-render-hinting=none",
  "--force-color-profile=srgb",
  "--hide-scrollbars",
  "--js-flags=--jitless",
  "--lang=zh-CN",
  "--mute-audio",
  "--no-default-browser-check",
  "--no-first-run",
  "--no-pings",
];

/**
 * Starts one browser. It is steered through a pipe, so it ends by itself when this process dies, even by SIGKILL.
 * It gets an environment of its own: none of the platform's keys.
 */
export async function launchBrowser(options: LaunchOptions): Promise<LaunchedBrowser> {
  const shared = await sharedFolder();
  const files: ChromiumFiles = options.executable ? { executable: options.executable, libraries: null } : await unpackChromium(shared);
  await mkdir(options.workDir, { recursive: true, mode: 0o700 });
  await removeLeftovers(options.workDir, PROFILE);
  const profile = await makeOwnDirectory(options.workDir, PROFILE);
  const cleanUp = () => removeOwnDirectory(profile);
  try {
    const fonts = join(profile, "fonts.conf");
    await writeFile(fonts, await fontconfig(shared));
    const browser = await spawning(files.executable, () => puppeteer.launch({
      executablePath: files.executable,
      ignoreDefaultArgs: true,
      args: [...ARGUMENTS, `--user-data-dir=${profile}`, ...sandboxArguments()],
      pipe: true,
      env: {
        HOME: profile,
        TMPDIR: profile,
        TZ: "UTC",
        FONTCONFIG_FILE: fonts,
        ...(files.libraries && { LD_LIBRARY_PATH: files.libraries }),
      },
      // The platform stops its services in order and closes the browser itself.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      waitForInitialPage: false,
      protocolTimeout: options.timeoutMs,
      timeout: 30_000,
    }));
    return { browser, cleanUp };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

/**
 * Puppeteer spawns without listening for `error`, and Node reports a spawn that fails (not executable, no descriptors left) by that
 * event: unheard, it ends the whole platform. Here it fails the launch.
 */
async function spawning(executable: string, launch: () => Promise<Browser>): Promise<Browser> {
  const failing = Promise.withResolvers<never>();
  failing.promise.catch(() => undefined);
  const listen = (message: unknown) => {
    const child = (message as { process: ChildProcess }).process;
    child.on("error", (error) => child.spawnfile === executable && failing.reject(error));
  };
  subscribe("child_process", listen);
  try {
    return await Promise.race([launch(), failing.promise]);
  } finally {
    unsubscribe("child_process", listen);
  }
}

/** Chromium refuses its sandbox to root; everybody else gets it. */
const sandboxArguments = (): string[] => (process.getuid?.() === 0 ? ["--no-sandbox"] : []);

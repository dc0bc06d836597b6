import type { SmsDriver, SmsDriverOptions } from "./driver.ts";
import { httpSmsDriver } from "./http.ts";

/** The drivers by the name SMS_DRIVER gives them. */
export const SMS_DRIVERS: Readonly<Record<"http", (options: SmsDriverOptions) => SmsDriver>> = { http: httpSmsDriver };

import fc from "fast-check";
import { addressAllowed, addressIn } from "../../../config/address-policy.ts";
import { retryAfterMs, waitBeforeTry } from "../../../services/notifier/back-off.ts";
import { verdict } from "../../../services/notifier/verdict.ts";
import { webhookHeaders } from "../../../services/notifier/webhook-signature.ts";

describe("signature", () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const sign = (secrets: string[]) => webhookHeaders("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, '{"test": 2432232314}', secrets);

  test("the example of the Standard Webhooks specification comes out as published", () => {
    expect(sign([secret])).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  test("two secrets give two signatures, newest first, and a third is not used", () => {
    const other = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
    const both = sign([other, secret, secret])["webhook-signature"]!.split(" ");
    expect(both).toEqual([sign([other])["webhook-signature"], sign([secret])["webhook-signature"]]);
  });
});

describe("schedule", () => {
  const schedule = [0, 5_000, 30_000];

  test.each([
    [0, 0.5, null, 0],
    [1, 0.5, null, 5_000],
    [1, 0, null, 4_000],
    [1, 1, null, 6_000],
    [2, 0.5, null, 30_000],
    [2, 0.5, 10_000, 30_000],
    [2, 0.5, 60_000, 60_000],
    [2, 0.5, 86_400_000, 3_600_000],
    [3, 0.5, null, null],
    [3, 0.5, 60_000, null],
  ])("after %i tries with jitter %d and Retry-After %p the wait is %p ms", (made, random, retryAfter, wait) => {
    expect(waitBeforeTry(schedule, made, random, retryAfter)).toBe(wait);
  });

  test("jitter never leaves ±20 %", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 86_400_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (wait, random) => {
        const jittered = waitBeforeTry([wait], 0, random)!;
        return jittered >= Math.floor(wait * 0.8) && jittered <= Math.ceil(wait * 1.2);
      }),
    );
  });

  const now = Date.UTC(2026, 0, 1);
  test.each([
    [null, null],
    ["120", 120_000],
    ["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
    [" 7 ", 7_000],
    ["99999999999", 99_999_999_999_000],
    ["soon", null],
  ])("Retry-After %p means %p ms", (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });
});

describe("verdict", () => {
  test.each([
    [200, "", "DELIVERED"],
    [204, "", "DELIVERED"],
    [299, "ok", "DELIVERED"],
    [200, "<html></html>", "DELIVERED"],
    [200, '{"received":true}', "DELIVERED"],
    [200, '{"code":"SUCCESS"}', "DELIVERED"],
    [200, '{"code":"OK"}', "DELIVERED"],
    [200, '{"code":"0"}', "DELIVERED"],
    [200, '{"code":0}', "DELIVERED"],
    [200, '"code"', "DELIVERED"],
    [200, '{"code":"FAIL"}', "REFUSED"],
    [200, '{"code":1}', "REFUSED"],
    [200, '{"code":null}', "REFUSED"],
    [301, "", "FAILED"],
    [302, '{"code":"SUCCESS"}', "FAILED"],
    [400, "", "FAILED"],
    [404, "", "FAILED"],
    [410, "", "GONE"],
    [500, '{"code":"SUCCESS"}', "FAILED"],
  ])("HTTP %i with body %p is %s", (status, body, expected) => {
    expect(verdict(status, body)).toBe(expected);
  });
});

describe("addresses", () => {
  test.each([
    ["8.8.8.8", [], true],
    ["2606:4700::1111", [], true],
    ["10.1.2.3", [], false],
    ["172.16.0.1", [], false],
    ["192.168.1.1", [], false],
    ["127.0.0.1", [], false],
    ["0.0.0.0", [], false],
    ["169.254.169.254", [], false],
    ["100.64.0.1", [], false],
    ["255.255.255.255", [], false],
    ["224.0.0.1", [], false],
    ["::", [], false],
    ["::1", [], false],
    ["fd00:ec2::254", [], false],
    ["fe80::1", [], false],
    ["::ffff:10.0.0.1", [], false],
    ["::ffff:8.8.8.8", [], true],
    ["64:ff9b::a00:1", [], false],
    ["64:ff9b:1::a00:1", [], false],
    ["2002:a00:1::", [], false],
    ["2001:0:a00:1::", [], false],
    ["::10.0.0.1", [], false],
    ["::ffff:0:a00:1", [], false],
    ["fec0::1", [], false],
    ["fe80::1%eth0", [], false],
    ["ff02::1", [], false],
    ["2001:db8::1", [], false],
    ["4000::1", [], false],
    ["198.18.0.1", [], false],
    ["192.88.99.1", [], false],
    ["203.0.113.7", [], false],
    ["240.0.0.1", [], false],
    ["169.254.169.254", ["169.254.169.254/32"], true],
    ["64:ff9b::a00:1", ["10.0.0.0/8"], false],
    ["10.1.2.3", ["10.0.0.0/8"], true],
    ["::ffff:10.1.2.3", ["10.0.0.0/8"], true],
    ["11.1.2.3", ["10.0.0.0/8"], true],
    ["192.168.0.1", ["10.0.0.0/8"], false],
    ["fd00::1", ["fd00::/8", "10.0.0.0/8"], true],
    ["no address", ["0.0.0.0/0"], false],
  ])("%s with %p listed may be called: %p", (address, allow, expected) => {
    expect(addressAllowed(address, allow)).toBe(expected);
  });

  test.each([
    ["https://10.0.0.1/x", "10.0.0.1"],
    ["https://[::1]:8443/x", "::1"],
    ["https://0x7f000001/", "127.0.0.1"],
    ["https://2130706433/", "127.0.0.1"],
    ["https://0177.0.0.1/", "127.0.0.1"],
    ["https://127.1/", "127.0.0.1"],
    ["https://127.0.0.1./", "127.0.0.1"],
    ["https://①②⑦.0.0.1/", "127.0.0.1"],
    ["https://[::ffff:10.0.0.1]/", "::ffff:a00:1"],
    ["https://10.0.0.1.example.com/", null],
    ["https://wallet.example.com./", null],
    ["https://wallet.example.com/", null],
  ])("the host of %s is the address %p", (url, address) => {
    expect(addressIn(url)).toBe(address);
  });
});

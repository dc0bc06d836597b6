import { queryAfter, startRetryAfter } from "../../../services/verification-bridge/back-off.ts";

const seconds = (ms: number): number => ms / 1000;

test("starts are retried after 5 s, doubling to 10 min and no further", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 1_000].map(startRetryAfter).map(seconds)).toEqual([5, 10, 20, 40, 80, 160, 320, 600, 600, 600]);
});

test("queries follow after 30 s, doubling to 1 h and no further", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 8, 1_000].map((made) => queryAfter(30_000, made)).map(seconds)).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
});

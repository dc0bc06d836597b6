import { until } from "../until.ts";

test.each([0, 1])("a wait with %i ms between two questions ends with the first answer", async (pauseMs) => {
  let asked = 0;
  expect(await until("there is an answer", () => (++asked === 3 ? "answer" : null), { pauseMs })).toBe("answer");
  expect(asked).toBe(3);
});

test.each([
  ["named beforehand", "the moon is green", "the moon is green"],
  ["that says what it saw last", () => "the moon is green, it is white", "the moon is green, it is white"],
])("a wait for nothing %s gives up and says for what", async (_, what, said) => {
  await expect(until(what, () => false, { limitMs: 0 })).rejects.toThrow(`gave up waiting until ${said}`);
});

test("a question that fails ends the wait with its failure", async () => {
  await expect(until("there is an answer", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
});

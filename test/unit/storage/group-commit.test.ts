import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { GroupCommit } from "../../../mixins/storage/group-commit.ts";
import { StorageFailure } from "../../../mixins/storage/storage-failure.ts";

const nextTick = () => new Promise<void>((resolve) => void setImmediate(resolve));

describe("a group commit", () => {
  let directory: string;
  let db: DatabaseSync;
  let other: DatabaseSync;
  let commits: GroupCommit;
  /** How often a transaction was committed, counted by the other connection's view of the file. */
  const dataVersion = () => other.prepare("PRAGMA data_version").get()!["data_version"] as number;
  const stored = (reader = db) => reader.prepare("SELECT k FROM t ORDER BY k").all().map((row) => row["k"]);
  const insert = (k: string, parent: string | null = null) =>
    commits.write(() => db.prepare("INSERT INTO t VALUES (?, ?)").run(k, parent).changes);

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "esign-commit-"));
    const file = join(directory, "t.db");
    db = new DatabaseSync(file, { timeout: 0, enableForeignKeyConstraints: true });
    // A deferred foreign key is a real way to make COMMIT itself fail.
    db.exec("PRAGMA journal_mode = WAL; CREATE TABLE p (k TEXT PRIMARY KEY); CREATE TABLE t (k TEXT PRIMARY KEY, parent TEXT REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
    other = new DatabaseSync(file, { timeout: 0 });
    commits = new GroupCommit(db);
  });
  afterEach(() => {
    db.close();
    other.close();
    rmSync(directory, { recursive: true });
  });

  test("takes the writes of a tick in their order into one transaction and answers after it", async () => {
    const before = dataVersion();
    const writes = ["a", "b", "c"].map((k) => insert(k).then(() => stored(other)));
    expect(stored()).toEqual([]);
    expect(await Promise.all(writes)).toEqual([["a", "b", "c"], ["a", "b", "c"], ["a", "b", "c"]]);
    const afterGroup = dataVersion();
    await insert("d");
    expect(dataVersion()).not.toBe(afterGroup);
    expect(afterGroup).not.toBe(before);
  });

  test("lets a refused write fail alone", async () => {
    const outcomes = await Promise.allSettled([
      insert("a"),
      insert("a"),
      commits.write(() => {
        throw new Error("own reason");
      }),
      commits.write(() => db.prepare("SELECT * FROM nothing_there").all()),
      insert("b"),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "rejected", "fulfilled"]);
    expect(outcomes[2]).toMatchObject({ reason: { message: "own reason" } });
    expect(stored(other)).toEqual(["a", "b"]);
  });

  test("refuses all of a group whose commit fails, and the next group is as good as new", async () => {
    const outcomes = await Promise.allSettled([insert("a"), insert("orphan", "no such parent"), insert("a"), insert("b")]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: "rejected", reason: { type: "STORAGE_FAILED" } });
    expect((outcomes[0] as PromiseRejectedResult).reason).toBeInstanceOf(StorageFailure);
    expect(stored(other)).toEqual([]);
    await expect(Promise.all([insert("a"), insert("c")])).resolves.toEqual([1, 1]);
    expect(stored(other)).toEqual(["a", "c"]);
  });

  test("refuses all of a group that no longer fits on the disk, and goes on when there is room again", async () => {
    const pages = db.prepare("PRAGMA page_count").get()!["page_count"] as number;
    db.exec(`PRAGMA max_page_count = ${pages + 2}`);
    const outcomes = await Promise.allSettled([insert("small"), insert("x".repeat(100_000)), insert("tiny")]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: "rejected", reason: { type: "STORAGE_FAILED", cause: { errcode: 13 } } });
    expect(stored(other)).toEqual([]);
    db.exec("PRAGMA max_page_count = 100000");
    await expect(insert("small")).resolves.toBe(1);
    expect(stored(other)).toEqual(["small"]);
  });

  test("waits while another process writes", async () => {
    other.exec("BEGIN IMMEDIATE");
    other.prepare("INSERT INTO t (k) VALUES ('theirs')").run();
    let answered = false;
    const write = insert("ours").finally(() => (answered = true));
    for (let i = 0; i < 10; i += 1) await nextTick();
    expect(answered).toBe(false);
    other.exec("COMMIT");
    await expect(write).resolves.toBe(1);
    expect(stored(other)).toEqual(["ours", "theirs"]);
  });

  test("refuses when another process never lets go, and goes on afterwards", async () => {
    other.exec("BEGIN IMMEDIATE");
    const outcomes = await Promise.allSettled([insert("a"), insert("b")]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { type: "STORAGE_FAILED", cause: { errcode: 5 } } });
    other.exec("ROLLBACK");
    await expect(insert("a")).resolves.toBe(1);
  });

  test("splits a flood into several transactions and answers each write", async () => {
    const answers = await Promise.all(Array.from({ length: 1300 }, (_, i) => insert(`k${i}`)));
    expect(answers).toHaveLength(1300);
    expect(stored(other)).toHaveLength(1300);
  });

  test("commits at once what waits when it is flushed", async () => {
    const writes = [insert("a"), insert("b")];
    commits.flush();
    expect(stored(other)).toEqual(["a", "b"]);
    await expect(Promise.all(writes)).resolves.toEqual([1, 1]);
    await expect(insert("c")).resolves.toBe(1);
  });
});

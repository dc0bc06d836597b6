import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFsStorage } from "../../services/protocol/storage/fs.ts";
import { fileStorageSuite } from "./file-storage-suite.ts";

const home = mkdtempSync(join(tmpdir(), "esign-files-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

fileStorageSuite("fs", async () => ({
  open: () => createFsStorage(join(home, "suite")),
  tamper: (name, bytes) => writeFile(join(home, "suite", name), bytes),
  remove: (name) => rm(join(home, "suite", name)),
}));

describe("fs storage on its disk", () => {
  const bytes = Buffer.from("%PDF");
  const name = `PROTO_1-${createHash("sha256").update(bytes).digest("hex")}.pdf`;

  test("files are the platform's alone and no draft is left", async () => {
    const directory = join(home, "mode");
    await createFsStorage(directory).put(name, bytes);
    expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(directory, "drafts"))).toEqual([]);
  });

  test("drafts of a writer that died are cleared away and those of a living one are not", async () => {
    const directory = join(home, "drafts");
    await createFsStorage(directory).check();
    for (const draft of ["dead", "living"]) writeFileSync(join(directory, "drafts", draft), "half a PDF");
    const twoHoursAgo = new Date(Date.now() - 7_200_000);
    utimesSync(join(directory, "drafts", "dead"), twoHoursAgo, twoHoursAgo);
    await createFsStorage(directory).check();
    expect(readdirSync(join(directory, "drafts"))).toEqual(["living"]);
  });

  test("a directory that cannot be is said to be down, and up again once it can", async () => {
    const directory = join(home, "occupied");
    writeFileSync(directory, "a file where the directory should be");
    const storage = createFsStorage(directory);
    await expect(storage.check()).rejects.toThrow();
    rmSync(directory);
    await expect(storage.check()).resolves.toBeUndefined();
  });
});

import { createHash } from "node:crypto";
import type { FileStorage } from "../../services/protocol/storage/file-storage.ts";

/** A driver under test, with a way to do to its files what a driver itself never does. */
export interface StorageUnderTest {
  /** The same place, opened anew: what another process would see. */
  open(): FileStorage;
  /** Writes other bytes where the file is kept. */
  tamper(name: string, bytes: Buffer): Promise<void>;
  remove(name: string): Promise<void>;
}

/** What every driver of STORAGE_DRIVER promises. */
export function fileStorageSuite(driver: string, make: () => Promise<StorageUnderTest>): void {
  describe(`${driver} storage`, () => {
    let place: StorageUnderTest;
    let storage: FileStorage;
    let number = 0;
    const bytes = Buffer.from("%PDF-1.4 协议");
    const nameOf = (content: Buffer) => `PROTO_${++number}-${createHash("sha256").update(content).digest("hex")}.pdf`;

    beforeAll(async () => {
      place = await make();
      storage = place.open();
    });

    test("what was put is got back, also by another process", async () => {
      const name = nameOf(bytes);
      await storage.put(name, bytes);
      expect(await storage.get(name)).toEqual(bytes);
      expect(await place.open().get(name)).toEqual(bytes);
    });

    test("putting the same file again, or at the same time, changes nothing", async () => {
      const name = nameOf(bytes);
      await Promise.all([storage.put(name, bytes), storage.put(name, bytes), place.open().put(name, bytes)]);
      await storage.put(name, bytes);
      expect(await storage.get(name)).toEqual(bytes);
    });

    test("large files come back whole", async () => {
      const large = Buffer.alloc(3_000_000, "页");
      const name = nameOf(large);
      await storage.put(name, large);
      expect((await storage.get(name)).equals(large)).toBe(true);
    });

    test.each<[string, (content: Buffer) => Buffer]>([
      ["one bit", (content) => Buffer.concat([Buffer.from([content[0]! ^ 1]), content.subarray(1)])],
      ["its end", (content) => content.subarray(0, -1)],
      ["everything", () => Buffer.alloc(0)],
    ])("a file that lost %s is never served, and never taken for the one that is put", async (_, change) => {
      const name = nameOf(bytes);
      await storage.put(name, bytes);
      await place.tamper(name, change(bytes));
      await expect(storage.get(name)).rejects.toMatchObject({ alert: "STORED_FILE_CHANGED" });
      await expect(storage.put(name, bytes)).rejects.toMatchObject({ alert: "STORED_FILE_CHANGED" });
    });

    test("a file that is gone is said to be missing", async () => {
      const name = nameOf(bytes);
      await storage.put(name, bytes);
      await place.remove(name);
      await expect(storage.get(name)).rejects.toMatchObject({ alert: "STORED_FILE_MISSING" });
    });

    test("bytes under another content's name are refused", async () => {
      const name = nameOf(Buffer.from("other"));
      await expect(storage.put(name, bytes)).rejects.toMatchObject({ alert: "STORED_FILE_CHANGED" });
      await expect(storage.get(name)).rejects.toMatchObject({ alert: "STORED_FILE_MISSING" });
    });

    test.each(["../../etc/passwd", "a/b.pdf", "PROTO_1.pdf", "", `..-${"0".repeat(64)}.pdf`])("the name %j reaches nothing", async (name) => {
      await expect(storage.get(name)).rejects.toMatchObject({ alert: "STORED_FILE_NAME" });
      await expect(storage.put(name, bytes)).rejects.toMatchObject({ alert: "STORED_FILE_NAME" });
    });

    test("a storage that works says so", async () => {
      await expect(storage.check()).resolves.toBeUndefined();
    });
  });
}

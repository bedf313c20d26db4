// The simulated write-ahead log is the real one: byte for byte what LevelDB writes, read as LevelDB reads it.
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { storageErrors } from "../../../src/storage/errors.ts";
import { openDatabase } from "../../../src/storage/level/database.ts";
import { scanWalFile } from "../../../src/storage/level/wal-scan.ts";
import { temporaryDirectory } from "../../conformance/storage/harness.ts";
import { encodeBatch, replayWal, type WalOperation, writeWal } from "./wal.ts";

let directory: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Sizes around the ends of blocks of 32 KiB. */
const sizes = [0, 1, 200, 32_768 - 300, 5, 40_000, 70_000, 32_700, 12, 3];
const batches: readonly WalOperation[][] = sizes.map((size, at) => [
  { key: Buffer.of(1, at), value: Buffer.alloc(size, at + 1) },
  { key: Buffer.of(2, at), value: Buffer.from("second") },
  ...(at > 0 ? [{ key: Buffer.of(1, at - 1), value: undefined }] : []),
]);

function payloads(): Buffer[] {
  let sequence = 1;
  return batches.map((operations) => {
    const payload = encodeBatch(sequence, operations);
    sequence += operations.length;
    return payload;
  });
}

async function writtenByLevel(): Promise<Buffer> {
  const sizesOfLevel = { writeBufferBytes: 8 << 20, tableBytesMax: 4 << 20 };
  const database = await openDatabase({
    directory,
    ...sizesOfLevel,
    damaged: storageErrors.CORRUPT_LOG,
  });
  for (const operations of batches) {
    const batch = database.batch("large");
    for (const { key, value } of operations) {
      if (value === undefined) batch.del(key);
      else batch.put(key, value);
    }
    await batch.commit();
  }
  await database.close();
  const logs = (await readdir(directory)).filter((name) => name.endsWith(".log"));
  const files = await Promise.all(logs.map((name) => readFile(join(directory, name))));
  return Buffer.concat(files);
}

test("the bytes are those of LevelDB", async () => {
  const { bytes, spans } = writeWal(payloads());
  expect(bytes.equals(await writtenByLevel())).toBe(true);
  expect(spans.at(-1)?.to).toBe(bytes.length);
});

test("what was written is read again, and the shipped scan has nothing against it", () => {
  const { bytes } = writeWal(payloads());
  expect(replayWal(bytes)).toEqual(batches);
  expect(scanWalFile(bytes)).toEqual({
    records: batches.length,
    tornAt: undefined,
    damage: undefined,
  });
});

test("a flipped bit takes the rest of its block with it, in silence", () => {
  const small = [1, 2, 3].map((at) =>
    encodeBatch(at, [{ key: Buffer.of(at), value: Buffer.of(at) }]),
  );
  const { bytes, spans } = writeWal(small);
  const at = spans[1]!.payloads[0]!.from;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  expect(replayWal(bytes)).toHaveLength(1);
  expect(scanWalFile(bytes).damage).toBeDefined();
});

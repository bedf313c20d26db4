// Chunks can be fetched again, so damage never stops the store: it is found, reported and left out.
import { cp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../../src/base/logger.ts";
import type { Chunk } from "../../../../src/storage/contract.ts";
import { storageErrors } from "../../../../src/storage/errors.ts";
import { recoverChunks } from "../../../../src/storage/level/chunk-recovery.ts";
import { LevelChunkStore } from "../../../../src/storage/level/chunk-store.ts";
import type { Database } from "../../../../src/storage/level/database.ts";
import { openDatabase } from "../../../../src/storage/level/database.ts";
import { digestKey } from "../../../../src/storage/level/keys.ts";
import { openChunks } from "../../../../src/storage/level/open-chunks.ts";
import { codeOf, digestOf, temporaryDirectory } from "../../../conformance/storage/harness.ts";
import { filesOf, flipBit, flipInTables, rawPairs, rawWrite, withCommit } from "./raw.ts";

let directory: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (): Promise<LevelChunkStore> => openChunks({ directory }, { logger: silentLogger });
const inChunks = (): string => join(directory, "chunks");
const inIndex = (): string => join(directory, "chunk-index");

function chunk(fill: number): Chunk {
  const bytes = Buffer.alloc(5000, fill);
  return { digest: digestOf(bytes), bytes };
}
const chunks = [chunk(1), chunk(2), chunk(3)];
const [first, second, third] = chunks as [Chunk, Chunk, Chunk];
const digests = chunks.map(({ digest }) => digest).sort();

async function fill(): Promise<void> {
  const store = await open();
  for (const one of chunks) await store.put([one]);
  await store.close();
}

async function expectAll(store: LevelChunkStore): Promise<void> {
  expect(store.digests()).toEqual(digests);
  for (const { digest, bytes } of chunks) {
    expect(Buffer.from((await store.get(digest)) ?? []).equals(bytes)).toBe(true);
  }
}

describe("damage", () => {
  test("a damaged chunk is an error once, leaves the inventory, and is replaced by a put", async () => {
    await fill();
    await rawWrite(inChunks(), []);
    expect(await flipInTables(inChunks(), second.bytes, 100)).toBe(1);
    const store = await open();
    expect(await codeOf(() => store.get(second.digest))).toBe("QUORATE_STORAGE_CORRUPT_CHUNK");
    expect([store.has(second.digest), store.stats()]).toEqual([
      false,
      { chunks: 2, bytes: 10_000 },
    ]);
    await store.put([second]);
    await expectAll(store);
    await store.close();
    const again = await open();
    await expectAll(again);
    await again.close();
    expect(await rawPairs(inChunks())).toHaveLength(3);
  });

  test("on a doubtful disk a damaged chunk is found at open, before anybody counts it", async () => {
    await fill();
    await rawWrite(inChunks(), []);
    expect(await flipInTables(inChunks(), second.bytes, 100)).toBe(1);
    const store = await openChunks({ directory, isDoubtful: true }, { logger: silentLogger });
    expect(store.digests()).toEqual([first.digest, third.digest].sort());
    await store.put([second]);
    await expectAll(store);
    await store.close();
  });

  test("a damaged chunk can also be removed", async () => {
    await fill();
    await rawWrite(inChunks(), []);
    await flipInTables(inChunks(), second.bytes, 100);
    const store = await open();
    await codeOf(() => store.get(second.digest));
    await store.remove([second.digest]);
    await store.close();
    expect(await rawPairs(inChunks())).toHaveLength(2);
  });

  test("an index entry with a flipped bit makes the index be built again", async () => {
    await fill();
    const pair = (await rawPairs(inIndex())).find(([key]) => key.equals(digestKey(first.digest)));
    const value = Buffer.from(pair?.[1] ?? []);
    value[3] = (value[3] ?? 0) ^ 8;
    await rawWrite(inIndex(), [[digestKey(first.digest), value]]);
    const store = await open();
    await expectAll(store);
    await store.close();
  });

  test("a lost index is built again from the chunks", async () => {
    await fill();
    await rm(inIndex(), { recursive: true });
    const store = await open();
    await expectAll(store);
    await store.put([chunk(4)]);
    await store.close();
    const again = await open();
    expect(again.stats().chunks).toBe(4);
    await again.close();
  });

  test("a damaged write-ahead log costs only the chunks in it", async () => {
    await fill();
    const [file] = await filesOf(inChunks(), ".log");
    await flipBit(file ?? "", (await readFile(file ?? "")).indexOf(third.bytes) + 50);
    const store = await open();
    expect(store.digests()).toEqual([first.digest, second.digest].sort());
    await store.put([third]);
    await expectAll(store);
    await store.close();
  });
});

describe("a crash between the two databases", () => {
  interface Faults {
    failing: string;
  }

  async function faultyStore(faults: Faults): Promise<LevelChunkStore> {
    const one = async (name: string): Promise<Database> => {
      const tuning = { writeBufferBytes: 1 << 20, tableBytesMax: 1 << 20 };
      const damaged = storageErrors.CORRUPT_CHUNK;
      const real = await openDatabase({ directory: join(directory, name), ...tuning, damaged });
      return {
        ...real,
        batch: (values) => {
          const batch = real.batch(values);
          return withCommit(batch, () =>
            faults.failing === name ? Promise.reject(new Error("EIO")) : batch.commit(),
          );
        },
      };
    };
    const databases = {
      chunks: await one("chunks"),
      index: await one("chunk-index"),
      logger: silentLogger,
    };
    return new LevelChunkStore(await recoverChunks(databases, false), databases);
  }

  test("bytes without an index entry are deleted at open", async () => {
    const faults = { failing: "" };
    const store = await faultyStore(faults);
    await store.put([first]);
    faults.failing = "chunk-index";
    expect(await codeOf(() => store.put([second, third]))).toBe("QUORATE_STORAGE_WRITE_FAILED");
    expect([store.has(second.digest), await codeOf(() => store.put([third]))]).toEqual([
      false,
      "QUORATE_STORAGE_WRITE_FAILED",
    ]);
    await store.close();
    const copy = join(directory, "chunks");
    expect(await rawPairs(copy)).toHaveLength(3);
    const again = await open();
    expect(again.digests()).toEqual([first.digest]);
    await again.put([third, second]);
    await expectAll(again);
    await again.close();
    expect(await rawPairs(copy)).toHaveLength(3);
  });

  test("a removal that was cut short is finished at open", async () => {
    const faults = { failing: "" };
    const store = await faultyStore(faults);
    await store.put([first, second, third]);
    faults.failing = "chunks";
    expect(await codeOf(() => store.remove([second.digest]))).toBe("QUORATE_STORAGE_WRITE_FAILED");
    await store.close();
    expect(await rawPairs(inChunks())).toHaveLength(3);
    const again = await open();
    expect(again.has(second.digest)).toBe(false);
    await again.close();
    expect(await rawPairs(inChunks())).toHaveLength(2);
    expect(await rawPairs(inIndex())).toHaveLength(3);
  });
});

test("space of removed chunks is given back", async () => {
  const large = Array.from({ length: 72 }, (_, i) => {
    const bytes = Buffer.alloc(1024 * 1024, i + 1);
    return { digest: digestOf(bytes), bytes };
  });
  const store = await open();
  for (let at = 0; at < large.length; at += 8) await store.put(large.slice(at, at + 8));
  await store.remove(large.slice(0, 70).map(({ digest }) => digest));
  await store.close();
  const copy = join(directory, "copy");
  await cp(inChunks(), copy, { recursive: true });
  let bytes = 0;
  for (const file of await filesOf(copy, ".ldb")) bytes += (await readFile(file)).length;
  expect(bytes).toBeLessThan(16 * 1024 * 1024);
});

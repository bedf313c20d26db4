// Chunk databases that do not open, or that nothing can be written to any more: the server starts all the same.
import { cp, mkdir, readdir, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LogFields, Logger } from "../../../../src/base/logger.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { day } from "../../../../src/base/units.ts";
import type { Chunk } from "../../../../src/storage/contract.ts";
import { storageErrors } from "../../../../src/storage/errors.ts";
import { writeSealedJson } from "../../../../src/storage/files/sealed-json.ts";
import { damagedFoldersMax } from "../../../../src/storage/level/chunk-damage.ts";
import type { LevelChunkStore } from "../../../../src/storage/level/chunk-store.ts";
import { openDatabase } from "../../../../src/storage/level/database.ts";
import { openChunks } from "../../../../src/storage/level/open-chunks.ts";
import { codeOf, digestOf, temporaryDirectory } from "../../../conformance/storage/harness.ts";
import { filesOf, flipBit, flipInTables, rawPairs, rawWrite } from "./raw.ts";

const corrupt = "QUORATE_STORAGE_CORRUPT_CHUNK";
let directory: string;
let errors: LogFields[];
beforeEach(async () => {
  directory = await temporaryDirectory();
  errors = [];
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const logger: Logger = { ...silentLogger, error: (fields) => void errors.push(fields) };
const open = (): Promise<LevelChunkStore> => openChunks({ directory }, { logger });
const inChunks = (...names: string[]): string => join(directory, "chunks", ...names);
const inIndex = (...names: string[]): string => join(directory, "chunk-index", ...names);
async function aside(): Promise<string[]> {
  const names = await readdir(join(directory, "damaged", "1"));
  expect(names).toContain("reason");
  return names.filter((name) => name !== "reason");
}

function chunk(fill: number): Chunk {
  const bytes = Buffer.alloc(5000, fill);
  return { digest: digestOf(bytes), bytes };
}
const chunks = [chunk(1), chunk(2), chunk(3)];
const [first, second, third] = chunks as [Chunk, Chunk, Chunk];
const digests = chunks.map(({ digest }) => digest).sort();

async function withStore<T>(use: (store: LevelChunkStore) => Promise<T> | T): Promise<T> {
  const store = await open();
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

beforeEach(() =>
  withStore(async (store) => {
    for (const one of chunks) await store.put([one]);
  }),
);

const manifestOf = async (database: string): Promise<string> =>
  join(database, (await readFile(join(database, "CURRENT"), "utf8")).trim());

/** Everything in tables, each of them with an index that LevelDB cannot read. */
async function spoilTables(): Promise<void> {
  await rawWrite(inChunks(), []);
  for (const file of await filesOf(inChunks(), ".ldb")) {
    const bytes = await readFile(file);
    bytes.fill(0xff, bytes.length - 48, bytes.length - 20);
    await writeFile(file, bytes);
  }
}

describe("a chunk database that does not open", () => {
  test.each([
    ["its manifest is damaged", async () => flipBit(await manifestOf(inChunks()), 12)],
    ["its manifest is gone", async () => rm(await manifestOf(inChunks()))],
    ["its manifest is empty", async () => truncate(await manifestOf(inChunks()))],
    ["CURRENT is gone", () => rm(inChunks("CURRENT"))],
    ["CURRENT says nothing", () => writeFile(inChunks("CURRENT"), "MANIFEST")],
    [
      "a table is gone",
      async () => {
        await rawWrite(inChunks(), []);
        for (const file of await filesOf(inChunks(), ".ldb")) await rm(file);
      },
    ],
  ])("%s: both are put aside, and the store starts empty and works", async (_, spoil) => {
    await spoil();
    await withStore(async (store) => {
      expect(store.digests()).toEqual([]);
      expect((await aside()).sort()).toEqual(["chunk-index", "chunks"]);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatchObject({ code: corrupt, kept: join(directory, "damaged", "1") });
      await store.put(chunks);
    });
    await withStore((store) => {
      expect(store.digests()).toEqual(digests);
      expect(errors).toHaveLength(1);
    });
  });

  test("damage to the index alone costs no chunk", async () => {
    await flipBit(await manifestOf(inIndex()), 12);
    await withStore(async (store) => {
      expect(store.digests()).toEqual(digests);
      expect(await aside()).toEqual(["chunk-index"]);
      expect(Buffer.from((await store.get(second.digest)) ?? []).equals(second.bytes)).toBe(true);
    });
  });

  test("a merge that met damage makes the next start read everything", async () => {
    await spoilTables();
    const tuning = { writeBufferBytes: 1 << 20, tableBytesMax: 1 << 20 };
    const damaged = storageErrors.CORRUPT_CHUNK;
    const level = await openDatabase({ directory: inChunks(), ...tuning, damaged });
    // Below and above everything: the damaged tables have to be merged with it.
    const batch = level.batch("small");
    batch.put(Buffer.alloc(40, 0), Buffer.alloc(10));
    batch.put(Buffer.alloc(40, 0xfe), Buffer.alloc(10));
    await batch.commit();
    await level.compact(Buffer.alloc(1, 0), Buffer.alloc(40, 0xff));
    await level.close();
    expect(await readFile(inChunks("LOG"), "utf8")).toContain("Compaction error: Corruption");
    await withStore(async (store) => {
      expect(store.digests()).toEqual([]);
      expect((await aside()).sort()).toEqual(["chunk-index", "chunks"]);
    });
    await withStore(() => {
      expect(errors).toHaveLength(1);
    });
  });

  test("a merge that failed over sound tables costs nothing", async () => {
    await rawWrite(inChunks(), []);
    await writeFile(inChunks("LOG"), "x Compaction error: IO error: sync\n", { flag: "a" });
    await withStore((store) => {
      expect(store.digests()).toEqual(digests);
      expect(errors).toEqual([]);
    });
  });

  const damagedFolder = (n: number): string => join(directory, "damaged", String(n));
  /** A folder of an earlier damage, as it says itself. */
  async function keep(n: number, atMs: number): Promise<void> {
    await mkdir(damagedFolder(n), { recursive: true });
    const reason = { code: corrupt, message: "m", atMs };
    await writeSealedJson(join(damagedFolder(n), "reason"), reason);
  }

  test("too often within a day: nothing is moved, and it says so", async () => {
    for (let n = 1; n < damagedFoldersMax; n += 1) await keep(n, Date.now() - day / 2);
    // Without a reason the file system has to know.
    await mkdir(damagedFolder(damagedFoldersMax));
    await rm(inChunks("CURRENT"));
    expect(await codeOf(open)).toBe("QUORATE_STORAGE_CHUNKS_DAMAGED_TOO_OFTEN");
    expect((await filesOf(inChunks(), ".log")).length).toBeGreaterThan(0);
    expect(await readdir(join(directory, "damaged"))).toHaveLength(damagedFoldersMax);
  });

  test("what is older than a day makes room instead, the oldest first and no more than needed", async () => {
    await keep(1, Date.now() - 3 * day);
    await mkdir(damagedFolder(2));
    const longAgo = new Date(Date.now() - 2 * day);
    await utimes(damagedFolder(2), longAgo, longAgo);
    for (let n = 3; n <= damagedFoldersMax; n += 1) await keep(n, Date.now());
    for (const left of ["2,3,4,5,6", "3,4,5,6,7"]) {
      await rm(inChunks("CURRENT"));
      await withStore((store) => store.put(chunks));
      expect((await readdir(join(directory, "damaged"))).sort().join()).toBe(left);
    }
    await rm(inChunks("CURRENT"));
    expect(await codeOf(open)).toBe("QUORATE_STORAGE_CHUNKS_DAMAGED_TOO_OFTEN");
  });
});

describe("the inventory does not promise what is not there", () => {
  test("when the chunks are gone, and the index is not", async () => {
    await rm(inChunks(), { recursive: true });
    await withStore((store) => {
      expect(store.digests()).toEqual([]);
    });
  });

  test("when the chunks are an older copy", async () => {
    await cp(inChunks(), join(directory, "copy"), { recursive: true });
    await withStore((store) => store.put([chunk(4)]));
    await rm(inChunks(), { recursive: true });
    await cp(join(directory, "copy"), inChunks(), { recursive: true });
    await withStore((store) => {
      expect(store.digests()).toEqual(digests);
    });
  });

  test("damage that was found once is remembered over a restart", async () => {
    await rawWrite(inChunks(), []);
    await flipInTables(inChunks(), second.bytes, 100);
    await withStore(async (store) => {
      expect(await codeOf(() => store.get(second.digest))).toBe(corrupt);
    });
    await withStore(async (store) => {
      expect(store.has(second.digest)).toBe(false);
      expect(await rawLength()).toBe(2);
      await store.put([second]);
      expect(store.digests()).toEqual(digests);
    });
  });

  // The store holds the lock, so the count comes from a copy.
  async function rawLength(): Promise<number> {
    const copy = join(directory, "counted");
    await cp(inChunks(), copy, { recursive: true });
    return (await rawPairs(copy)).length;
  }

  // LevelDB can end the process over such a table, so it is not left to it.
  test("a table whose index is spoilt: nothing of the store is promised, and everything can come again", async () => {
    await spoilTables();
    await withStore(async (store) => {
      await store.put([chunk(4)]);
      for (const { digest } of chunks) expect(await store.get(digest)).toBeUndefined();
      expect(store.digests()).toEqual([chunk(4).digest]);
      await store.put(chunks);
      for (const { digest, bytes } of chunks) {
        expect(Buffer.from((await store.get(digest)) ?? []).equals(bytes)).toBe(true);
      }
    });
  });

  test("a disk that fails to answer once costs the chunk its place only until the next start", async () => {
    await rawWrite(inChunks(), []);
    const files = await filesOf(inChunks(), ".ldb");
    const tables = await Promise.all(
      files.map(async (file) => [file, await readFile(file)] as const),
    );
    for (const [file, whole] of tables) await truncate(file, whole.length >> 1);
    await withStore(async (store) => {
      expect(await codeOf(() => store.get(first.digest))).toBe(corrupt);
      expect(store.has(first.digest)).toBe(false);
    });
    for (const [file, whole] of tables) await writeFile(file, whole);
    await withStore((store) => {
      expect(store.has(first.digest)).toBe(true);
    });
  });

  test("what is being removed counts as gone at once", () =>
    withStore(async (store) => {
      const putting = Promise.all([store.put([chunk(5)]), store.put([chunk(6)])]);
      const removing = store.remove([third.digest, chunk(6).digest]);
      expect([store.has(third.digest), await store.get(third.digest)]).toEqual([false, undefined]);
      await putting;
      await removing;
      expect(store.digests()).toEqual(
        [...digests, chunk(5).digest].filter((d) => d !== third.digest).sort(),
      );
      await store.put([third]);
      expect(store.has(third.digest)).toBe(true);
    }));
});

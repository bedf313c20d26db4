import { beforeEach, expect, test } from "vitest";
import { index } from "../../../src/base/numbers.ts";
import { failStop, stopAtDamage } from "../../../src/server/fail-stop.ts";
import type { ChunkStore, SnapshotStore } from "../../../src/storage/contract.ts";
import { storageErrors } from "../../../src/storage/errors.ts";

let failure: Error;
let fatal: unknown[];
let store: ChunkStore;

beforeEach(() => {
  fatal = [];
  const fails = (): Promise<never> => Promise.reject(failure);
  const broken: ChunkStore = {
    put: fails,
    get: fails,
    remove: fails,
    has: () => true,
    digests: () => ["d"],
    stats: () => ({ chunks: 1, bytes: 2 }),
    close: () => Promise.resolve(),
  };
  store = failStop(broken, (error) => fatal.push(error));
});

const calls: readonly [string, () => Promise<unknown>][] = [
  ["put", () => store.put([])],
  ["get", () => store.get("d")],
  ["remove", () => store.remove([])],
];

test.each(calls)(
  "a write that failed in %s is told to the caller and to the server",
  async (_name, call) => {
    failure = storageErrors.WRITE_FAILED("no space left");
    await expect(call()).rejects.toBe(failure);
    expect(fatal).toEqual([failure]);
  },
);

test.each(calls)("what %s refuses for another reason stops nobody", async (_name, call) => {
  for (failure of [
    storageErrors.CORRUPT_CHUNK("d"),
    storageErrors.CLOSED("closed"),
    new Error("?"),
  ]) {
    await expect(call()).rejects.toBe(failure);
  }
  expect(fatal).toEqual([]);
});

test("everything else is the store's own", async () => {
  expect([store.has("d"), store.digests(), store.stats()]).toEqual([
    true,
    ["d"],
    { chunks: 1, bytes: 2 },
  ]);
  await store.close();
});

test("a damaged snapshot is told to the reader and to the server; a replaced one to the reader alone", async () => {
  const snapshots = { read: () => Promise.reject(failure) } as unknown as SnapshotStore;
  const watched = stopAtDamage(snapshots, (error) => fatal.push(error));
  failure = storageErrors.NOT_FOUND("replaced");
  await expect(watched.read(index(1), 0, 1)).rejects.toBe(failure);
  expect(fatal).toEqual([]);
  failure = storageErrors.CORRUPT_SNAPSHOT("damaged in the block at 0");
  await expect(watched.read(index(1), 0, 1)).rejects.toBe(failure);
  expect(fatal).toEqual([failure]);
});

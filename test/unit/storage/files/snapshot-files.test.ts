import { readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "../../../../src/base/logger.ts";
import { index } from "../../../../src/base/numbers.ts";
import { SnapshotFiles } from "../../../../src/storage/files/snapshot-files.ts";
import { codeOf, snapshotMeta, temporaryDirectory } from "../../../conformance/storage/harness.ts";
import { flipBit } from "../level/raw.ts";

const corrupt = "QUORATE_STORAGE_CORRUPT_SNAPSHOT";
const body = Buffer.alloc(150_000, "snapshot");

let directory: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function open(): Promise<SnapshotFiles> {
  const store = new SnapshotFiles({ directory }, { logger: silentLogger });
  await store.start();
  return store;
}

async function save(store: SnapshotFiles, at: number): Promise<void> {
  const writer = await store.create(snapshotMeta(at, 2));
  await writer.write(body);
  await writer.commit();
}

/** A directory with one snapshot; returns its file. */
async function onlyFile(): Promise<string> {
  const store = await open();
  await save(store, 5);
  await store.close();
  const [name] = await readdir(directory);
  return join(directory, name ?? "");
}

test("old snapshots go, and what a crash left behind goes at open", async () => {
  const store = await open();
  await save(store, 5);
  await save(store, 600);
  await (await store.create(snapshotMeta(700, 2))).write(body);
  expect(await readdir(directory)).toHaveLength(2);
  await store.close();
  await writeFile(join(directory, "0000000000000003-1.snapshot"), "left over");
  const again = await open();
  expect(again.latest()?.meta.index).toBe(600);
  expect(await readdir(directory)).toEqual(["0000000000000600-2.snapshot"]);
  await again.close();
});

test("a damaged or cut header or footer refuses the start", async () => {
  const file = await onlyFile();
  const bytes = await readFile(file);
  for (const offset of [
    0,
    9,
    14,
    bytes.length - 60,
    bytes.length - 30,
    bytes.length - 15,
    bytes.length - 1,
  ]) {
    await flipBit(file, offset);
    expect(await codeOf(() => open())).toBe(corrupt);
    await writeFile(file, bytes);
  }
  for (const length of [0, 5, 100, bytes.length - 1]) {
    await truncate(file, length);
    expect(await codeOf(() => open())).toBe(corrupt);
    await writeFile(file, bytes);
  }
});

test("a flipped bit in the body is found by every read that touches its block, and only by those", async () => {
  const file = await onlyFile();
  const bytes = await readFile(file);
  await flipBit(file, bytes.indexOf(body) + 70_000);
  const store = await open();
  const read = (from: number, length: number) => (): Promise<Uint8Array> =>
    store.read(index(5), from, length);
  expect(await codeOf(read(0, 150_000))).toBe(corrupt);
  expect(await codeOf(read(131_000, 10))).toBe(corrupt);
  expect(await codeOf(read(0, 65_536))).toBe("none");
  expect(await codeOf(read(131_072, 10))).toBe("none");
  await store.close();
});

test("a snapshot can be read while a newer one takes its place", async () => {
  const store = await open();
  await save(store, 5);
  const reads = Array.from({ length: 5 }, () => store.read(index(5), 0, body.length));
  await save(store, 6);
  for (const read of reads) expect(Buffer.from(await read).equals(body)).toBe(true);
  await store.close();
});

test("a snapshot that cannot be written is an error, and final", async () => {
  const store = await open();
  await rm(directory, { recursive: true });
  const create = (): unknown => store.create(snapshotMeta(5, 2));
  expect(await codeOf(create)).toBe("QUORATE_STORAGE_WRITE_FAILED");
  expect(await codeOf(create)).toBe("QUORATE_STORAGE_WRITE_FAILED");
});

import { chmod, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Identity } from "../../../../src/storage/contract.ts";
import { readFormation, writeFormation } from "../../../../src/storage/files/formation.ts";
import {
  formatVersionCurrent,
  heardBootsMax,
  newIdentity,
  nextBoot,
  randomHex,
  readIdentity,
  unheardBootsMax,
  writeIdentity,
} from "../../../../src/storage/files/identity.ts";
import { codeOf, temporaryDirectory } from "../../../conformance/storage/harness.ts";

let directory: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test("an identity comes back as it was written; the file is private and nothing is left beside it", async () => {
  const identity = {
    ...newIdentity("alpha", randomHex),
    clusterId: "c1",
    peerId: 7,
    generation: 2,
  };
  await writeIdentity(directory, identity);
  await writeIdentity(directory, nextBoot(identity, randomHex));
  const read = await readIdentity(directory);
  expect(read).toMatchObject({
    ...identity,
    bootCounter: 1,
    bootNonce: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
  });
  expect((await stat(join(directory, "identity"))).mode & 0o777).toBe(0o600);
  expect(await readdir(directory)).toEqual(["identity"]);
});

describe("earlier starts", () => {
  const isHeardAt = (counter: number): boolean => counter % 10 === 0;
  const heardLast = (identity: Identity): Identity => ({ ...identity, isBootHeard: true });

  test("the last ones that were heard and the last ones that were not are kept, each in their own room", async () => {
    let at = newIdentity("alpha", randomHex);
    const nonces = new Map<number, string>();
    for (let counter = 1; counter <= 1000; counter += 1) {
      at = nextBoot(at, randomHex);
      expect([at.bootCounter, at.isBootHeard]).toEqual([counter, false]);
      nonces.set(counter, at.bootNonce);
      if (isHeardAt(counter)) at = heardLast(at);
    }
    const all = [...nonces].map(([counter, nonce]) => ({
      ...{ counter, nonce },
      isHeard: isHeardAt(counter),
    }));
    const heard = all.slice(0, -1).filter(({ isHeard }) => isHeard);
    const unheard = all.filter(({ isHeard }) => !isHeard);
    const kept = [...heard.slice(-heardBootsMax), ...unheard.slice(-unheardBootsMax)];
    expect(at.earlierBoots).toEqual(kept.sort((a, b) => a.counter - b.counter));
    expect(at.bootsKnownSince).toBe(990 - 10 * (heardBootsMax - 1));
    await writeIdentity(directory, at);
    expect(await readIdentity(directory)).toEqual(at);
  });

  test("those that nobody heard push out none that was heard", () => {
    let at = heardLast(nextBoot(newIdentity("alpha", randomHex), randomHex));
    const first = { counter: 1, nonce: at.bootNonce, isHeard: true };
    for (let i = 0; i < 500; i += 1) at = nextBoot(at, randomHex);
    expect(at.earlierBoots[0]).toEqual(first);
    expect(at.earlierBoots).toHaveLength(1 + unheardBootsMax);
    expect(at.bootsKnownSince).toBe(0);
  });

  const missing: readonly unknown[] = [undefined, {}, [{ counter: 1, nonce: "a" }]];
  test.each(missing)("%j in their place is damage", async (earlierBoots) => {
    const identity = { ...newIdentity("alpha", randomHex), earlierBoots };
    await writeIdentity(directory, identity as unknown as Identity);
    expect(await codeOf(() => readIdentity(directory))).toBe("QUORATE_STORAGE_CORRUPT_IDENTITY");
  });
});

test("each new directory has another incarnation", () => {
  const [a, b] = [newIdentity(undefined, randomHex), newIdentity(undefined, randomHex)];
  expect(a.incarnation).toMatch(/^[0-9a-f]{16}$/);
  expect(a.incarnation).not.toBe(b.incarnation);
  expect(a.serverId).not.toBe(b.serverId);
});

test("no file is no identity", async () => {
  expect(await readIdentity(directory)).toBeUndefined();
});

test("any changed character is found", async () => {
  await writeIdentity(directory, newIdentity("alpha", randomHex));
  const path = join(directory, "identity");
  const bytes = await readFile(path);
  for (let at = 0; at < bytes.length - 1; at += 1) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    await writeFile(path, damaged);
    const isSpace = /\s/.test(String.fromCharCode(bytes[at] ?? 0));
    if (!isSpace)
      expect(await codeOf(() => readIdentity(directory))).toBe("QUORATE_STORAGE_CORRUPT_IDENTITY");
  }
  await writeFile(path, bytes.subarray(0, 40));
  expect(await codeOf(() => readIdentity(directory))).toBe("QUORATE_STORAGE_CORRUPT_IDENTITY");
});

test("a newer format is told apart from damage, whatever fields it has", async () => {
  const identity = { formatVersion: formatVersionCurrent + 1, someNewField: true };
  const checksum = crc32(JSON.stringify(identity)).toString(16).padStart(8, "0");
  await writeFile(join(directory, "identity"), JSON.stringify({ identity, checksum }));
  expect(await codeOf(() => readIdentity(directory))).toBe("QUORATE_STORAGE_NEWER_FORMAT");
});

test("a file that cannot be written is an error, and the old one stays", async () => {
  const identity = newIdentity("alpha", randomHex);
  await writeIdentity(directory, identity);
  await rm(join(directory, "identity.partial"), { force: true });
  const absent = join(directory, "absent");
  expect(await codeOf(() => writeIdentity(absent, identity))).toBe("QUORATE_STORAGE_WRITE_FAILED");
  await chmod(directory, 0o700);
  expect(await readIdentity(directory)).toEqual(identity);
});

test("a formation comes back, and damage is found", async () => {
  expect(await readFormation(directory)).toBeUndefined();
  await writeFormation(directory, Buffer.from("accepted"));
  expect(Buffer.from((await readFormation(directory)) ?? []).toString()).toBe("accepted");
  const path = join(directory, "formation");
  const bytes = await readFile(path);
  bytes[6] = (bytes[6] ?? 0) ^ 1;
  await writeFile(path, bytes);
  expect(await codeOf(() => readFormation(directory))).toBe("QUORATE_STORAGE_CORRUPT_IDENTITY");
  await writeFile(path, Buffer.alloc(2));
  expect(await codeOf(() => readFormation(directory))).toBe("QUORATE_STORAGE_CORRUPT_IDENTITY");
});

import { chmod, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readFormation, writeFormation } from "../../../../src/storage/files/formation.ts";
import {
  formatVersionCurrent,
  newIdentity,
  nextBoot,
  randomHex,
  readIdentity,
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

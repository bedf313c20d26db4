import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { day } from "../../../../src/base/units.ts";
import {
  newIdentity,
  readIdentity,
  writeIdentity,
} from "../../../../src/storage/files/identity.ts";
import {
  decideQuarantine,
  endQuarantine,
  keptFolder,
  putAside,
  quarantinesPerDayMax,
  readQuarantine,
} from "../../../../src/storage/files/quarantine.ts";
import { codeOf, temporaryDirectory } from "../../../conformance/storage/harness.ts";

let dir: string;
beforeEach(async () => {
  dir = await temporaryDirectory();
});
afterEach(() => rmSync(dir, { recursive: true }));

const reason = {
  code: "QUORATE_STORAGE_CORRUPT_LOG",
  message: "a checksum mismatch",
  atMs: 1_700_000_000_000,
  clusterId: "c1",
  generation: 2,
  serverId: "s1",
};
const hex = (bytes: number): string => "ab".repeat(bytes);

async function fill(): Promise<void> {
  mkdirSync(join(dir, "log"));
  writeFileSync(join(dir, "log", "000003.log"), "damaged");
  mkdirSync(join(dir, "snapshots"));
  mkdirSync(join(dir, "chunks"));
  writeFileSync(join(dir, "formation"), "f");
  await writeIdentity(dir, { ...newIdentity("s1", () => "old"), clusterId: "c1", peerId: 2 });
}

async function carryOut(): Promise<void> {
  const record = await readQuarantine(dir);
  expect(record).toBeDefined();
  if (record !== undefined) await putAside(dir, record, hex);
}

describe("the decision", () => {
  test("is there as soon as the call returns, and moves nothing", async () => {
    await fill();
    const before = readdirSync(dir);
    decideQuarantine(dir, reason);
    expect(await readQuarantine(dir)).toEqual({ ...reason, stage: "decided", folder: "1" });
    expect(readdirSync(dir).sort()).toEqual([...before, "quarantine"].sort());
  });

  test("that stands is kept: the first damage is what is told", async () => {
    decideQuarantine(dir, reason);
    decideQuarantine(dir, { ...reason, message: "another" });
    expect((await readQuarantine(dir))?.message).toBe(reason.message);
  });

  const decide = (atMs: number): void => decideQuarantine(dir, { ...reason, atMs });
  const tooOften = "QUORATE_STORAGE_QUARANTINED_TOO_OFTEN";
  async function fillTheDay(): Promise<void> {
    for (let i = 0; i < quarantinesPerDayMax; i += 1) {
      decide(reason.atMs + i);
      await carryOut();
    }
  }

  test("is refused when the disk goes on damaging data, for good", async () => {
    await fillTheDay();
    await fill();
    const before = readdirSync(dir);
    const kept = readdirSync(join(dir, "quarantined"));
    expect(await codeOf(() => decide(reason.atMs + 10))).toBe(tooOften);
    expect(await readQuarantine(dir)).toEqual({
      ...{ ...reason, atMs: reason.atMs + 10 },
      ...{ stage: "stopped", folder: String(quarantinesPerDayMax + 1) },
    });
    expect(await codeOf(() => decide(reason.atMs + 2 * day))).toBe(tooOften);
    expect((await readQuarantine(dir))?.atMs).toBe(reason.atMs + 10);
    await endQuarantine(dir);
    expect((await readQuarantine(dir))?.stage).toBe("stopped");
    expect(readdirSync(dir)).toEqual(before);
    expect(readdirSync(join(dir, "quarantined"))).toEqual(kept);
  });

  test("is made again when the others are older than a day", async () => {
    await fillTheDay();
    decide(reason.atMs + 2 * day);
    expect((await readQuarantine(dir))?.stage).toBe("decided");
  });

  test("that was damaged itself is told", async () => {
    decideQuarantine(dir, reason);
    const path = join(dir, "quarantine");
    writeFileSync(path, readFileSync(path, "utf8").replace('"c1"', '"c2"'));
    expect(await codeOf(() => readQuarantine(dir))).toBe("QUORATE_STORAGE_CORRUPT_IDENTITY");
  });
});

describe("putting aside", () => {
  test("keeps what is damaged, leaves the chunks, and makes a server without a peer id", async () => {
    await fill();
    decideQuarantine(dir, reason);
    await carryOut();
    const kept = keptFolder(dir, { folder: "1" });
    expect(readdirSync(kept).sort()).toEqual([
      "formation",
      "identity",
      "log",
      "reason",
      "snapshots",
    ]);
    expect(readFileSync(join(kept, "log", "000003.log"), "utf8")).toBe("damaged");
    expect(existsSync(join(dir, "chunks"))).toBe(true);
    expect(await readIdentity(dir)).toMatchObject({
      ...{ clusterId: "c1", generation: 2, serverId: "s1", peerId: 0, bootCounter: 0 },
      incarnation: hex(8),
    });
    expect((await readQuarantine(dir))?.stage).toBe("aside");
    await endQuarantine(dir);
    expect(await readQuarantine(dir)).toBeUndefined();
    expect(existsSync(join(kept, "log"))).toBe(true);
  });

  test.each([1, 2, 3, 4])("that was cut short after %i moves is continued", async (moves) => {
    await fill();
    decideQuarantine(dir, reason);
    const kept = keptFolder(dir, { folder: "1" });
    mkdirSync(kept, { recursive: true });
    for (const name of ["log", "snapshots", "formation", "identity"].slice(0, moves))
      renameSync(join(dir, name), join(kept, name));
    await carryOut();
    expect(readFileSync(join(kept, "log", "000003.log"), "utf8")).toBe("damaged");
    expect((await readIdentity(dir))?.peerId).toBe(0);
  });

  test("that was cut short after the new identity never moves the new one over the old", async () => {
    await fill();
    decideQuarantine(dir, reason);
    const decided = readFileSync(join(dir, "quarantine"));
    await carryOut();
    writeFileSync(join(dir, "quarantine"), decided);
    await carryOut();
    expect((await readIdentity(keptFolder(dir, { folder: "1" })))?.peerId).toBe(2);
    expect((await readIdentity(dir))?.peerId).toBe(0);
  });

  test("again goes to a folder of its own", async () => {
    await fill();
    decideQuarantine(dir, reason);
    await carryOut();
    decideQuarantine(dir, reason);
    await carryOut();
    expect(readdirSync(join(dir, "quarantined")).sort()).toEqual(["1", "2"]);
  });
});

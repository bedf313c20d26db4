// When a server decides that its own data is not to be believed, and that nothing takes it back.
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import { superseded } from "../../../src/registry/errors.ts";
import { OwnData } from "../../../src/server/own-data.ts";
import { openDataDirectory } from "../../../src/storage/data-directory.ts";
import { writeContacts } from "../../../src/storage/files/contacts.ts";
import { quarantinesPerDayMax, readQuarantine } from "../../../src/storage/files/quarantine.ts";
import { transportErrors } from "../../../src/transport/errors.ts";
import { codeOf, temporaryDirectory } from "../../conformance/storage/harness.ts";
import { flipBit } from "../storage/level/raw.ts";

let dir: string;
let atMs: number;
beforeEach(async () => {
  dir = await temporaryDirectory();
  atMs = 1_700_000_000_000;
  const data = await openDataDirectory({ dir, logger: silentLogger, serverId: "s1" });
  await data.saveIdentity({ ...data.identity, ...whose, peerId: 2 });
  await data.close();
  await writeContacts(dir, { ...whose, others: ["a:1", "b:1"], canBeSpared: true });
});
afterEach(() => rm(dir, { recursive: true }));

const whose = { clusterId: "c", generation: 1, serverId: "s1" };
const stale = transportErrors.STALE_DATA("an old copy");
const tooOften = "QUORATE_STORAGE_QUARANTINED_TOO_OFTEN";
const ownData = (): OwnData =>
  new OwnData(
    { dir, serverId: "s1", others: [] },
    { logger: silentLogger, wallClock: { wallMs: () => (atMs += 1) } },
  );

test("only as long as the directory is held", async () => {
  const own = ownData();
  expect(own.suspect(stale)).toBe(false);
  await flipBit(join(dir, "identity"), 40);
  const data = await own.open();
  expect(own.earlier?.why).toContain("CORRUPT_IDENTITY");
  await own.admitted(data, { ...data.identity, peerId: 5 });
  expect(own.suspect(stale)).toBe(true);
  expect(await readQuarantine(dir)).toMatchObject({ stage: "decided", folder: "2" });
  await own.stop();
  await data.close();
  expect(own.suspect(stale)).toBe(false);
});

test("of a server that cannot be spared only when the others have admitted it anew before", async () => {
  await writeContacts(dir, { ...whose, others: ["a:1"], canBeSpared: false });
  const own = ownData();
  const data = await own.open();
  expect(own.suspect(stale)).toBe(false);
  expect(own.suspect(superseded("s1"))).toBe(true);
  expect(await readQuarantine(dir)).toMatchObject({ stage: "decided" });
  await own.stop();
  await data.close();
});

test("once too often, and no later start goes on with the doubtful data", async () => {
  for (let life = 0; life <= quarantinesPerDayMax; life += 1) {
    const own = ownData();
    const data = await own.open();
    await own.admitted(data, { ...data.identity, peerId: 5 + life });
    const isLast = life === quarantinesPerDayMax;
    expect(await codeOf(() => own.suspect(stale))).toBe(isLast ? tooOften : "none");
    await own.stop();
    await data.close();
  }
  atMs += 10 * 86_400_000;
  const before = await readdir(dir);
  for (let start = 0; start < 2; start += 1) {
    expect(await codeOf(() => ownData().open())).toBe(tooOften);
  }
  expect(await readdir(dir)).toEqual(before);
  expect(await readQuarantine(dir)).toMatchObject({ stage: "stopped", code: stale.code });
  expect(existsSync(join(dir, "quarantined", String(quarantinesPerDayMax + 1)))).toBe(false);
});

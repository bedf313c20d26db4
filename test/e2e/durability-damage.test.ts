// Damage to the files of one server of three, of every kind, on a follower and on the leader, found at the start or while it
// runs; and data directories that are not what they were. The cluster loses nothing, no server says a wrong byte, and the
// server is a voter again by itself.
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Machine } from "../../bench/lib/local-cluster.ts";
import { until } from "../../bench/lib/wait.ts";
import {
  entryHeaderBytes,
  type Found,
  flipBit,
  hardStateCopyKey,
  hardStateKey,
  isEntry,
  newest,
  puts,
  walPaths,
} from "./support/durability/files.ts";
import { walRecords } from "./support/durability/level/wal.ts";
import { type Expected, expectReadmission, quarantines } from "./support/durability/quarantine.ts";
import type { DurableServers } from "./support/durability/servers.ts";
import { useServers } from "./support/durability/stage.ts";

type Flip = (machine: Machine) => void;

const logOf = ({ dataDirectory }: Machine): string => join(dataDirectory, "log");
const middleOf = (path: string): number => Math.floor(readFileSync(path).length / 2);
const corrupt = { code: /QUORATE_STORAGE_CORRUPT_(LOG|ENTRY)/, kept: "log" };
const corruptIdentity = { code: /QUORATE_STORAGE_CORRUPT_IDENTITY/, kept: "identity" };

/** One in the middle, so that there are some on both sides. */
function entry(machine: Machine, isTable: boolean): Found {
  const found = puts(logOf(machine)).filter(
    (one) => isEntry(one) && one.isTable === isTable && one.value.length > entryHeaderBytes + 9,
  );
  return found[Math.floor(found.length / 2)]!;
}

const inEntry =
  (byte: number, isTable = false): Flip =>
  (machine) => {
    const { path, at } = entry(machine, isTable);
    flipBit(path, at(byte), 3);
  };

const inState =
  (key: Buffer): Flip =>
  (machine) => {
    const { path, at } = newest(logOf(machine), key);
    flipBit(path, at(12));
  };

const inFile =
  (name: RegExp): Flip =>
  (machine) => {
    const found = readdirSync(logOf(machine)).find((one) => name.test(one))!;
    const path = join(logOf(machine), found);
    flipBit(path, middleOf(path), 2);
  };

const inLastRecord: Flip = (machine) => {
  const path = walPaths(logOf(machine)).at(-1)!;
  const { end } = walRecords(readFileSync(path)).at(-1)!;
  flipBit(path, end - 30, 6);
};

const inIdentity: Flip = ({ dataDirectory }) => {
  const path = join(dataDirectory, "identity");
  flipBit(path, middleOf(path));
};

/** At most so many of one server within a day: the disk is not to be trusted then, and it stays stopped. */
const quarantinesPerDayMax = 5;

async function victim(servers: DurableServers, role: "follower" | "leader"): Promise<Machine> {
  const leader = await servers.leader();
  const [rested] = [...servers.others(leader)].sort((a, b) => quarantines(a) - quarantines(b));
  const machine = role === "leader" ? leader : rested!;
  expect(quarantines(machine)).toBeLessThan(quarantinesPerDayMax);
  return machine;
}

/** What is in the write-ahead log goes to a table when the log is opened the next time. */
async function withTables(servers: DurableServers, role: "follower" | "leader"): Promise<Machine> {
  const machine = await victim(servers, "follower");
  await servers.whileWriting(() => servers.acknowledges(50));
  await machine.stop();
  machine.start();
  await servers.allBack();
  if (role === "leader") {
    await servers.client().servers.lead(machine.id);
    await until(`${machine.id} leads`, async () =>
      (await servers.leader()) === machine ? true : undefined,
    );
  }
  return machine;
}

describe("one bit flipped in the files of a stopped server", () => {
  const servers = useServers();

  test.each<["follower" | "leader", string, Expected, Flip]>([
    ["follower", "an entry's header, write-ahead log", corrupt, inEntry(20)],
    ["follower", "the last synced record", corrupt, inLastRecord],
    ["follower", "the first copy of the hard state", corrupt, inState(hardStateKey)],
    ["follower", "MANIFEST", corrupt, inFile(/^MANIFEST-/)],
    ["follower", "identity", corruptIdentity, inIdentity],
    ["leader", "an entry's payload, write-ahead log", corrupt, inEntry(entryHeaderBytes + 2)],
    ["leader", "the second copy of the hard state", corrupt, inState(hardStateCopyKey)],
    ["leader", "identity", corruptIdentity, inIdentity],
  ])("the %s's: %s", async (role, _, expected, flip) => {
    const machine = await victim(servers(), role);
    await expectReadmission({ servers: servers(), machine }, expected, async () => {
      await machine.stop();
      flip(machine);
    });
  });

  test.each<["follower" | "leader", string, Flip]>([
    ["follower", "an entry's payload, table", inEntry(entryHeaderBytes + 2, true)],
    ["leader", "an entry's header, table", inEntry(20, true)],
  ])("the %s's: %s", async (role, _, flip) => {
    const machine = await withTables(servers(), role);
    await expectReadmission({ servers: servers(), machine }, corrupt, async () => {
      await machine.stop();
      flip(machine);
    });
  });
});

describe("one bit flipped in CURRENT of a stopped server", () => {
  const servers = useServers();

  test("it is damage like any other", async () => {
    const machine = await servers().follower();
    await expectReadmission({ servers: servers(), machine }, corrupt, async () => {
      await machine.stop();
      inFile(/^CURRENT$/)(machine);
    });
  });
});

/** So much that the log does not fit into what is kept of it in memory, and that a snapshot is taken. */
const largeValues = { writers: 6, valueBytes: 60_000 };
const entriesBeyondMemory = 360;
const writtenMs = 60_000;

describe("a long log", () => {
  const servers = useServers();

  test("a flipped bit below a running leader, in entries that a returning follower needs: it is admitted anew, the follower gets them from another", async () => {
    const all = servers();
    const leader = await all.leader();
    const away = all.others(leader)[0]!;
    await away.stop();
    await all.whileWriting(() => all.acknowledges(entriesBeyondMemory, writtenMs), largeValues);
    await expectReadmission({ servers: all, machine: leader }, corrupt, () => {
      const entries = puts(logOf(leader)).filter((one) => isEntry(one) && one.isTable);
      const large = entries.filter(({ value }) => value.length > largeValues.valueBytes);
      expect(large.length).toBeGreaterThan(20);
      for (const { path, at } of large) flipBit(path, at(entryHeaderBytes + 1000));
      away.start();
    });
  });

  test("a flipped bit in a follower's snapshot", async () => {
    const all = servers();
    const machine = await victim(all, "follower");
    const folder = join(machine.dataDirectory, "snapshots");
    const expected = { code: /QUORATE_STORAGE_CORRUPT_SNAPSHOT/, kept: "snapshots" };
    await all.whileWriting(
      () =>
        until(
          "a snapshot",
          () => (readdirSync(folder).some((name) => name.endsWith(".snapshot")) ? true : undefined),
          writtenMs,
        ),
      largeValues,
    );
    await expectReadmission({ servers: all, machine }, expected, async () => {
      await machine.stop();
      const name = readdirSync(folder).find((one) => one.endsWith(".snapshot"))!;
      flipBit(join(folder, name), middleOf(join(folder, name)));
    });
  });
});

describe("a chunk of a jar", () => {
  const servers = useServers();
  const name = "damage.jar";
  // No two chunks alike: each lies in the files once.
  const jar = randomBytes(1_500_000);

  async function pulled(machine: Machine): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    const { bytes } = await servers().at(machine).resources.pull({ name });
    for await (const piece of bytes) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  const chunksOf = (machine: Machine): readonly Found[] =>
    puts(join(machine.dataDirectory, "chunks")).filter(({ value }) => value.length > 1000);

  test.each([
    ["stopped", 0],
    ["running", 1],
  ] as const)(
    "one bit flipped while the server is %s: nobody gets a wrong byte, and it is fetched again",
    async (state, nth) => {
      const all = servers();
      const machine = all.machines[nth]!;
      if (nth === 0) {
        const source = async function* () {
          yield jar;
        };
        await all.client().resources.push(source, { header: { name, kind: "jar" } });
      }
      await until("all chunks", () => (chunksOf(machine).length >= 6 ? true : undefined));
      await machine.stop();
      if (state === "running") {
        // A start brings everything from the write-ahead log into tables: what was only there is never read again.
        machine.start();
        await all.allBack();
      }
      const found = chunksOf(machine)[2]!;
      const { path, at, value } = found;
      if (state === "running") expect(found.isTable).toBe(true);
      flipBit(path, at(1000));
      if (state === "stopped") machine.start();
      await all.allBack();
      expect((await pulled(machine)).equals(jar)).toBe(true);
      const before = value.toString("base64");
      await until("the chunk was written again", () =>
        chunksOf(machine).some((one) => one.value.toString("base64") === before) ? true : undefined,
      );
      expect((await pulled(machine)).equals(jar)).toBe(true);
      expect(quarantines(machine)).toBe(0);
    },
  );
});

describe("a data directory that is not what it was", () => {
  const servers = useServers();

  test("emptied: the server is admitted anew under its id", async () => {
    const all = servers();
    const machine = await all.follower();
    await all.whileWriting(async () => {
      await all.acknowledges(40);
      await machine.stop();
      rmSync(machine.dataDirectory, { recursive: true });
      mkdirSync(machine.dataDirectory);
      machine.start();
      await all.acknowledges(40);
      await all.allBack(all.machines, 60_000);
    });
    expect(await all.problems()).toEqual([]);
    expect(await all.problemsOfCopy(machine)).toEqual([]);
  });

  test("put back from an old copy: it is noticed before it votes, and admitted anew", async () => {
    const all = servers();
    const machine = await all.follower();
    const copy = join(all.directory, "old-copy");
    await machine.stop();
    cpSync(machine.dataDirectory, copy, { recursive: true });
    machine.start();
    await all.whileWriting(() => all.acknowledges(100));
    await all.allBack();
    const expected = { code: /QUORATE_\w+/, kept: "log" };
    await expectReadmission({ servers: all, machine }, expected, async () => {
      await machine.stop();
      rmSync(machine.dataDirectory, { recursive: true });
      renameSync(copy, machine.dataDirectory);
    });
  });

  test("put back from a copy older than an earlier admission anew: admitted anew once more", async () => {
    const all = servers();
    const machine = await all.follower();
    const copy = join(all.directory, "older-copy");
    await all.whileWriting(() => all.acknowledges(40));
    await machine.stop();
    cpSync(machine.dataDirectory, copy, { recursive: true });
    await expectReadmission({ servers: all, machine }, corrupt, () => {
      inLastRecord(machine);
    });
    const expected = { code: /QUORATE_REGISTRY_SUPERSEDED/, kept: "log" };
    await expectReadmission({ servers: all, machine }, expected, async () => {
      await machine.stop();
      rmSync(machine.dataDirectory, { recursive: true });
      renameSync(copy, machine.dataDirectory);
    });
  });

  test("swapped with another server's: both refuse, naming whose it is; put back, all is as before", async () => {
    const all = servers();
    const leader = await all.leader();
    const [one, two] = all.others(leader);
    await all.whileWriting(() => all.acknowledges(40));
    const swap = (): void => {
      const aside = join(all.directory, "aside");
      renameSync(one!.dataDirectory, aside);
      renameSync(two!.dataDirectory, one!.dataDirectory);
      renameSync(aside, two!.dataDirectory);
    };
    await Promise.all([one!.stop(), two!.stop()]);
    swap();
    for (const machine of [one!, two!]) {
      machine.start();
      await until(`${machine.id} ended`, () => (machine.isRunning() ? undefined : true));
      expect(machine.log()).toContain("QUORATE_STORAGE_WRONG_SERVER");
    }
    swap();
    for (const machine of [one!, two!]) machine.start();
    await all.allBack();
    expect(await all.problems()).toEqual([]);
    for (const machine of all.machines) expect(await all.problemsOfCopy(machine)).toEqual([]);
  });
});

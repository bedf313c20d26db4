// The end of a stopped server's write-ahead log. A record that a crash cut off was never acknowledged: it is dropped, and
// nothing else happens. A cut through acknowledged ones looks the same to the server; the leader knows what it was told,
// and the server is admitted anew. Whether every single byte is judged rightly is tested without processes
// (test/integration/storage/wal-cut.test.ts).
import { appendFileSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Machine } from "../../bench/lib/local-cluster.ts";
import { isEntry, puts, walPaths } from "./support/durability/files.ts";
import { walRecords } from "./support/durability/level/wal.ts";
import { expectReadmission, quarantines } from "./support/durability/quarantine.ts";
import type { DurableServers } from "./support/durability/servers.ts";
import { useServers } from "./support/durability/stage.ts";

const walOf = ({ dataDirectory }: Machine): string => walPaths(join(dataDirectory, "log")).at(-1)!;

/** Of the record in which `value` was written. */
function endOfEntry(machine: Machine, value: string): number {
  const path = walOf(machine);
  const found = puts(join(machine.dataDirectory, "log")).find(
    (one) => isEntry(one) && one.path === path && one.value.includes(value),
  );
  const at = found!.at(0);
  return walRecords(readFileSync(path)).find(({ start, end }) => start <= at && at < end)!.end;
}

/**
 * Writes something that this follower has told the leader it has. What it wrote last of all it may not have told any more,
 * and then nobody needs it.
 */
async function acknowledgedBy(machine: Machine, servers: DurableServers): Promise<string> {
  const [key, value] = ["acknowledged", `value-${String(Math.random())}`];
  await servers.client().kv.put(key, value);
  // Linearizable: the follower has the entry in its log, has applied it and has heard from the leader since.
  expect((await servers.at(machine).kv.get(key)).value.toString()).toBe(value);
  return value;
}

describe("the write-ahead log of a stopped server", () => {
  const servers = useServers();

  test.each([
    ["follower", 1],
    ["follower", 60],
    ["leader", 11],
  ] as const)(
    "the %s's ends in %i bytes of a record that a crash cut off: they are dropped",
    async (role, bytes) => {
      const all = servers();
      const machine = await all[role]();
      await all.whileWriting(() => all.acknowledges(50));
      await machine.stop();
      const before = machine.log().length;
      const wal = readFileSync(walOf(machine));
      const { start, end } = walRecords(wal).at(-1)!;
      expect(end - start).toBeGreaterThan(bytes);
      appendFileSync(walOf(machine), wal.subarray(start, start + bytes));
      machine.start();
      await all.whileWriting(() => all.acknowledges(20));
      await all.allBack();
      expect(await all.problems()).toEqual([]);
      expect(await all.problemsOfCopy(machine)).toEqual([]);
      expect(machine.log().slice(before)).toContain("was never acknowledged was cut off");
      expect(quarantines(machine)).toBe(0);
    },
  );

  test.each([
    ["an acknowledged entry and all behind it", endOfEntry],
    ["the last 4096 bytes", (machine: Machine) => statSync(walOf(machine)).size - 4095],
  ])(
    "%s of a follower's are gone, cut like a write that was never acknowledged: it is admitted anew",
    async (_, endOf) => {
      const machine = await servers().follower();
      const expected = { code: /QUORATE_(RAFT_LOG_LOST|TRANSPORT_STALE_DATA)/, kept: "log" };
      await expectReadmission({ servers: servers(), machine }, expected, async () => {
        const value = await acknowledgedBy(machine, servers());
        await machine.stop();
        truncateSync(walOf(machine), endOf(machine, value) - 1);
      });
    },
  );
});

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
import { useServers } from "./support/durability/stage.ts";

const walOf = ({ dataDirectory }: Machine): string => walPaths(join(dataDirectory, "log")).at(-1)!;

/** A record behind it may hold nothing but how far the others had committed, which nobody was promised. */
function endOfLastEntry(machine: Machine): number {
  const path = walOf(machine);
  const places = puts(join(machine.dataDirectory, "log"))
    .filter((found) => isEntry(found) && found.path === path)
    .map(({ at }) => at(0));
  const last = Math.max(...places);
  return walRecords(readFileSync(path)).find(({ start, end }) => start <= last && last < end)!.end;
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
    ["the last acknowledged entry", endOfLastEntry],
    ["the last 4096 bytes", (machine: Machine) => statSync(walOf(machine)).size - 4095],
  ])(
    "%s of a follower's is gone, cut like a write that was never acknowledged: it is admitted anew",
    async (_, endOf) => {
      const machine = await servers().follower();
      const expected = { code: /QUORATE_(RAFT_LOG_LOST|TRANSPORT_STALE_DATA)/, kept: "log" };
      await expectReadmission({ servers: servers(), machine }, expected, async () => {
        await machine.stop();
        truncateSync(walOf(machine), endOf(machine) - 1);
      });
    },
  );
});

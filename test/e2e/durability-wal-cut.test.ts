// The end of a stopped server's write-ahead log. A record that a crash cut off was never acknowledged: it is dropped, and
// nothing else happens. A cut through acknowledged ones looks the same to the server; the leader knows what it was told,
// and the server is admitted anew. Whether every single byte is judged rightly is tested without processes
// (test/integration/storage/wal-cut.test.ts).
import { appendFileSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Machine } from "../../bench/lib/local-cluster.ts";
import { walPaths } from "./support/durability/files.ts";
import { walRecords } from "./support/durability/level/wal.ts";
import { expectReadmission, quarantines } from "./support/durability/quarantine.ts";
import { useServers } from "./support/durability/stage.ts";

const walOf = ({ dataDirectory }: Machine): string => walPaths(join(dataDirectory, "log")).at(-1)!;

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

  test.each([1, 4096])(
    "the last %i acknowledged bytes of a follower's are gone: it is admitted anew",
    async (bytes) => {
      const machine = await servers().follower();
      const expected = { code: /QUORATE_(RAFT_LOG_LOST|TRANSPORT_STALE_DATA)/, kept: "log" };
      await expectReadmission({ servers: servers(), machine }, expected, async () => {
        await machine.stop();
        truncateSync(walOf(machine), statSync(walOf(machine)).size - bytes);
      });
    },
  );
});

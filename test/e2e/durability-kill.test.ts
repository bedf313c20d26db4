// kill -9 at moments that chance draws, under load; and the power that goes, which is worse: a killed process leaves its
// writes to the kernel, a machine without power leaves what was synced. Whatever was acknowledged before is there after.
//
//   QUORATE_DURABILITY_KILLS=200        the long form; 25 otherwise
//   QUORATE_DURABILITY_POWER_LOSSES=40  the same; 6 otherwise
//   QUORATE_DURABILITY_SEED=7           another order of events; 1 otherwise
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Machine } from "../../bench/lib/local-cluster.ts";
import { signalAll } from "../../bench/lib/process-tree.ts";
import { between, type Random } from "../../src/base/random.ts";
import { pick, splitRandom } from "../sim/random.ts";
import { needsFaults } from "./support/durability/injection.ts";
import { DiskRecord, losePower, recorded } from "./support/durability/power-loss.ts";
import { type DurableServers, killBelow } from "./support/durability/servers.ts";
import { useServers } from "./support/durability/stage.ts";

function setting(name: string, otherwise: number): number {
  const text = process.env[name];
  return text === undefined ? otherwise : Number.parseInt(text, 10);
}

const kills = setting("QUORATE_DURABILITY_KILLS", 25);
const powerLosses = setting("QUORATE_DURABILITY_POWER_LOSSES", 6);
const powerLossesMax = 5 * powerLosses;
const seed = setting("QUORATE_DURABILITY_SEED", 1);
/** Before a kill: some hit servers that are still starting, most hit a cluster that is writing. */
const pauseMsMax = 600;
const writesBeforeMax = 40;
/** After so many kills the cluster is left alone until it is whole, and everything is read. */
const killsPerCheck = 25;
const perKillMs = 4000;
const perPowerLossMs = 20_000;

const pause = (random: Random, msMax: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, between(random, 0, msMax)));

/** Whoever was killed is started again by its sentinel, or, sentinel and all, by us. */
async function strike(servers: DurableServers, random: Random): Promise<void> {
  const dice = between(random, 0, 100);
  const machine = pick(random, servers.machines)!;
  const pidOf = (one: Machine): readonly number[] => {
    const pid = one.serverPid();
    return pid === undefined ? [] : [pid];
  };
  if (dice < 60) signalAll(pidOf(machine), "SIGKILL");
  else if (dice < 80) signalAll(servers.machines.flatMap(pidOf), "SIGKILL");
  else {
    const lost = dice < 95 ? [machine] : servers.machines;
    await servers.loseAll(lost);
    for (const one of lost) one.start();
  }
}

async function everythingIsThere(servers: DurableServers): Promise<void> {
  await servers.allBack();
  expect(await servers.problems()).toEqual([]);
  for (const machine of servers.machines) {
    expect(await servers.problemsOfCopy(machine)).toEqual([]);
  }
}

describe("kill -9", () => {
  const servers = useServers();

  test(
    `${kills} times, of one server process, of all, of whole machines: nothing acknowledged is missing (seed ${seed})`,
    async () => {
      const random = splitRandom(seed, "kills");
      for (let done = 0; done < kills; done += killsPerCheck) {
        await servers().whileWriting(async () => {
          for (let i = done; i < Math.min(kills, done + killsPerCheck); i += 1) {
            if (between(random, 0, 4) > 0) {
              await servers().acknowledges(between(random, 1, writesBeforeMax));
            }
            await pause(random, pauseMsMax);
            await strike(servers(), random);
          }
          await servers().acknowledges(20);
        });
        await everythingIsThere(servers());
      }
      expect(servers().ledger.acknowledgements).toBeGreaterThan(10 * kills);
    },
    60_000 + kills * perKillMs,
  );
});

const strace = needsFaults("strace");
const traceOf = (directory: string, id: string): string => join(directory, `${id}.trace`);

describe.skipIf(strace.skip)(strace.title("the power goes"), () => {
  const servers = useServers({
    launcher: ({ id, directory }) => recorded(traceOf(directory, id)),
  });

  /** Cut back to what its disk has for certain, and some more; says what was cut. */
  function cutFiles({ id, dataDirectory }: Machine, random: Random): readonly string[] {
    const trace = readFileSync(traceOf(servers().directory, id), "utf8");
    return losePower(new DiskRecord(dataDirectory, trace), random);
  }

  test(
    `${powerLosses} times, for all servers at once or for one: nothing acknowledged is missing (seed ${seed})`,
    async () => {
      const random = splitRandom(seed, "power");
      const cuts: string[] = [];
      // A loss between two writes takes nothing away: some more, until one has come in the middle of a write.
      const isAtStake = (): boolean => cuts.some((cut) => /log\/\d+\.log/.test(cut));
      for (let i = 0; i < powerLosses || (!isAtStake() && i < powerLossesMax); i += 1) {
        const lost = i % 3 === 2 ? [pick(random, servers().machines)!] : servers().machines;
        await servers().whileWriting(async () => {
          await servers().acknowledges(30);
          await pause(random, 700);
          // strace itself ends after what it watches, so that its record is whole.
          await Promise.all(lost.map(({ pid }) => killBelow(pid)));
          await Promise.all(lost.map((machine) => machine.stop()));
        });
        for (const machine of lost) cuts.push(...cutFiles(machine, random));
        for (const machine of lost) machine.start();
        await everythingIsThere(servers());
      }
      // Otherwise nothing was ever at stake.
      expect(isAtStake()).toBe(true);
    },
    60_000 + powerLossesMax * perPowerLossMs,
  );
});

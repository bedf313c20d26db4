// How each fault is done to real machines, and undone.
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../bench/lib/wait.ts";
import type { ChaosCluster } from "./cluster.ts";
import type { Member } from "./member.ts";
import type { Fault, ProcessHarm } from "./schedule.ts";

const readyMs = 20_000;
const rollingPauseMs = 300;

/** A rolling restart waits for each server, as an operator would; in the middle of other faults, not for ever. */
async function restartInTurn(cluster: ChaosCluster): Promise<void> {
  for (const member of cluster.members) {
    if (!member.isUp) continue;
    await member.restart();
    const endMs = performance.now() + readyMs;
    await until(
      `${member.id} ready, or given up`,
      async () => {
        const isOver = performance.now() > endMs || !member.isUp;
        return isOver || (await member.machine.isReady()) ? true : undefined;
      },
      2 * readyMs,
    );
    await sleep(rollingPauseMs);
  }
}

async function losePower(members: readonly Member[], forMs: number): Promise<void> {
  const struck = members.filter(({ isUp }) => isUp);
  await Promise.all(struck.map((member) => member.lose()));
  await sleep(forMs);
  for (const member of struck) member.start();
}

async function pause(member: Member, isWhole: boolean, forMs: number): Promise<void> {
  member.pause(isWhole);
  await sleep(forMs);
  member.resume();
}

export interface ProcessStrike {
  readonly fault: Fault<ProcessHarm>;
  readonly struck: readonly Member[];
  readonly cluster: ChaosCluster;
}

/** Resolves when the fault is over and what it took down is started again. */
export async function strikeProcesses({ fault, struck, cluster }: ProcessStrike): Promise<void> {
  const { harm, forMs } = fault;
  const [first] = struck;
  if (first?.isUp !== true) return;
  switch (harm.kind) {
    case "kill-server":
      await first.killServer();
      return;
    case "lose-machine":
    case "power-loss":
      await losePower(struck, forMs);
      return;
    case "pause-server":
      await pause(first, false, forMs);
      return;
    case "pause-machine":
      await pause(first, true, forMs);
      return;
    case "rolling-restart":
      await restartInTurn(cluster);
      return;
  }
}

// Ends what a dead sentinel left behind. Two callers: the next life, before it registers, and the server process
// whose sentinel died under it. Nothing is killed on the strength of a process id alone.
import type { Clock } from "../../base/clock.ts";
import { isCgroupGone, killCgroup, removeCgroup } from "./cgroups.ts";
import { sentinelErrors } from "./errors.ts";
import { type LifeRecord, readJournal, type StartRecord, unended } from "./journal.ts";
import { goneCheckMaxMs, goneCheckMinMs, leftoversKillMs } from "./limits.ts";
import {
  allProcesses,
  bootId,
  isAlive,
  killGroup,
  membersOf,
  type ProcessStat,
  readStat,
  startedWith,
} from "./processes.ts";

/**
 * The living processes of a journaled run. Its first process is recognised by its start time (a number is not given
 * out again while it names a living group). When that one is gone, the group may be somebody else's, so its members must
 * carry the run's environment.
 */
export function survivors(
  record: StartRecord,
  processes: readonly ProcessStat[],
  carriesRun: (pid: number) => boolean,
): ProcessStat[] {
  const members = membersOf(record.group, processes);
  const first = processes.find((p) => p.pid === record.group);
  if (first !== undefined) return first.startTicks === record.startTicks ? members : [];
  return members.filter((p) => p.startTicks >= record.startTicks && carriesRun(p.pid));
}

function livingOf(record: StartRecord): ProcessStat[] {
  const line = `QUORATE_JOB_ID=${record.jobId}`;
  return survivors(record, allProcesses(), (pid) => startedWith(pid, line));
}

/** Sends SIGKILL; true when nothing of the run is left. */
function end(record: StartRecord): boolean {
  if (record.cgroup !== "") {
    if (!isCgroupGone(record.cgroup)) {
      killCgroup(record.cgroup);
      return false;
    }
    removeCgroup(record.cgroup);
    return true;
  }
  const living = livingOf(record);
  if (living.length === 0) return true;
  if (living.some((p) => p.pid === record.group)) killGroup(record.group);
  for (const survivor of living) process.kill(survivor.pid, "SIGKILL");
  return false;
}

function endQuietly(record: StartRecord): boolean {
  try {
    return end(record);
  } catch (error) {
    // The process ended between being seen and being killed: the next look finds it gone.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

export interface KilledRun {
  readonly jobId: string;
  readonly epoch: number;
}

/**
 * Kills everything that the journal in `dataDirectory` names and that still runs, and resolves when it is gone.
 * Idempotent. Throws `QUORATE_SENTINEL_LEFTOVERS` when something outlives SIGKILL for 10 s.
 */
export async function killJournaled(dataDirectory: string, clock: Clock): Promise<KilledRun[]> {
  const thisBoot = bootId();
  const records = unended(await readJournal(dataDirectory)).filter((r) => r.bootId === thisBoot);
  let left = records.filter((record) => !endQuietly(record));
  const killed = left.map(({ jobId, epoch }) => ({ jobId, epoch }));
  const giveUpMs = clock.nowMs() + leftoversKillMs;
  for (
    let pauseMs = goneCheckMinMs;
    left.length > 0;
    pauseMs = Math.min(pauseMs * 2, goneCheckMaxMs)
  ) {
    if (clock.nowMs() > giveUpMs) {
      const jobs = left
        .map((record) => `${record.jobId} (process group ${record.group})`)
        .join(", ");
      throw sentinelErrors.LEFTOVERS(`still running after SIGKILL: ${jobs}`);
    }
    await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
    left = left.filter((record) => !endQuietly(record));
  }
  return killed;
}

/** The living sentinel that writes the journal in `dataDirectory`, if there is one. */
export async function journalHolder(dataDirectory: string): Promise<LifeRecord | undefined> {
  const life = (await readJournal(dataDirectory)).findLast((record) => record.kind === "life");
  if (life === undefined || life.bootId !== bootId() || life.pid === process.pid) return undefined;
  const stat = readStat(life.pid);
  return stat !== undefined && isAlive(stat) && stat.startTicks === life.startTicks
    ? life
    : undefined;
}

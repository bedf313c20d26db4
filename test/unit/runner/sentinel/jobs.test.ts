import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../../src/base/logger.ts";
import { Cgroups } from "../../../../src/runner/sentinel/cgroups.ts";
import { Jobs } from "../../../../src/runner/sentinel/jobs.ts";
import type { Journal } from "../../../../src/runner/sentinel/journal.ts";
import type { RunInfo, StartOrder } from "../../../../src/runner/sentinel/protocol.ts";
import { monotonicClock } from "../../../../src/runner/sentinel/system.ts";

let directory: string;
let told: RunInfo[];
let refused: string[];
let jobs: Jobs;
let appended: (() => void)[];
let isJournalHeld: boolean;
let hear: () => void;

const order = (epoch: number, command = "/bin/true"): StartOrder => ({
  ...{ jobId: "j1", epoch, session: 7, revision: 1, command, args: [], env: {} },
  ...{ directory: join(directory, "work"), stopSignal: "SIGTERM", stopGraceMs: 100 },
  ...{ onServerDeath: "continue", onLeaseLoss: "stop" },
});
const stop = (epoch: number, release: boolean): void =>
  jobs.stop({ jobId: "j1", epoch, now: false, release });
const briefly = (run: RunInfo | undefined): string =>
  run === undefined ? "" : `${run.jobId}@${run.epoch} ${run.state} ${run.cause}`;

/** Looks again after every event; the bound is the test's own. */
async function until(level: () => boolean): Promise<void> {
  while (!level()) await new Promise<void>((resolve) => (hear = resolve));
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "quorate-jobs-"));
  told = [];
  refused = [];
  appended = [];
  isJournalHeld = false;
  hear = () => undefined;
  const journal = {
    append: async () => {
      if (!isJournalHeld) return;
      const done = new Promise<void>((resolve) => appended.push(resolve));
      hear();
      await done;
    },
  } as unknown as Journal;
  jobs = new Jobs(
    {
      dataDirectory: directory,
      lease: () => ({ session: 7, isRenewed: true, holdsLease: true }),
    },
    {
      ...{ clock: monotonicClock, wallClock: { wallMs: () => 1000 }, logger: silentLogger },
      ...{ journal, cgroups: new Cgroups(silentLogger) },
      events: {
        changed: (run) => {
          told.push(run);
          hear();
        },
        refused: (o, error) => {
          refused.push(`${o.jobId}@${o.epoch} ${error.code}`);
          hear();
        },
        released: () => undefined,
      },
    },
  );
});
afterEach(async () => {
  for (const done of appended) done();
  jobs.kill();
  await jobs.idle();
  rmSync(directory, { recursive: true, force: true });
});

describe("a stop that overtakes a start", () => {
  test("before anything was spawned: the last word is that it has exited, and the next epoch starts", async () => {
    jobs.start(order(1));
    stop(1, true);
    expect(told.map((run) => run.state)).toEqual(["stopping"]);
    await until(() => refused.length > 0);
    expect(briefly(told.at(-1))).toBe("j1@1 exited stop");
    expect([jobs.runs, jobs.unconfirmed]).toEqual([[], [{ jobId: "j1", epoch: 1 }]]);
    jobs.start(order(2));
    await until(() => told.at(-1)?.epoch === 2 && told.at(-1)?.state === "exited");
    expect(briefly(told.at(-1))).toBe("j1@2 exited itself");
  });

  test("while its journal record is being synced: likewise", async () => {
    isJournalHeld = true;
    jobs.start(order(1));
    await until(() => appended.length > 0);
    stop(1, false);
    isJournalHeld = false;
    await until(() => told.at(-1)?.state === "exited");
    expect(briefly(told.at(-1))).toBe("j1@1 exited stop");
    expect(told.map((run) => run.state)).toEqual(["stopping", "exited"]);
    for (const done of appended) done();
    await until(() => refused.length > 0);
    expect(refused).toEqual(["j1@1 QUORATE_SENTINEL_RELEASED"]);
  });
});

test("a start that fails is told as an end of its own kind, besides the refusal", async () => {
  jobs.start(order(1, "/no/such/program"));
  await until(() => refused.length > 0 && told.length > 0);
  expect([told.map(briefly), refused]).toEqual([
    ["j1@1 exited start"],
    ["j1@1 QUORATE_SENTINEL_SPAWN_FAILED"],
  ]);
});

describe("every stop is answered by the state", () => {
  test("of something unknown: it has exited", () => {
    stop(3, false);
    stop(4, true);
    expect(told.map(briefly)).toEqual(["j1@3 exited stop", "j1@4 exited stop"]);
    expect(jobs.unconfirmed).toEqual([{ jobId: "j1", epoch: 4 }]);
  });

  test("of what has ended: its end; of an older epoch: the newer run", async () => {
    jobs.start(order(2));
    await until(() => told.at(-1)?.state === "exited");
    told.length = 0;
    stop(1, false);
    stop(2, false);
    stop(2, true);
    expect(told.map(briefly)).toEqual(Array(3).fill("j1@2 exited itself"));
    expect(jobs.runs).toEqual([]);
  });
});

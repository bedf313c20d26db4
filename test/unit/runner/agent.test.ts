import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import { index, type Revision } from "../../../src/base/numbers.ts";
import { seededRandom } from "../../../src/base/random.ts";
import { Agent } from "../../../src/runner/agent.ts";
import type { AssignedJob, ClusterView } from "../../../src/runner/cluster/contract.ts";
import type { Assignment, Executor } from "../../../src/runner/executors/contract.ts";
import { agentStopMs } from "../../../src/runner/limits.ts";
import type { ReportItem } from "../../../src/runner/reports.ts";
import type {
  RunInfo,
  SentinelToServer,
  ServerToSentinel,
  StartOrder,
} from "../../../src/runner/sentinel/protocol.ts";
import type { JobRow } from "../../../src/state/rows.ts";
import { ManualClock } from "./manual-clock.ts";
import { assigned, owner, run } from "./rows.ts";

class FakeCluster implements ClusterView {
  revision = 100;
  jobs: readonly AssignedJob[] = [];
  readonly reports: ReportItem[] = [];
  failReports = 0;
  holdReports = false;
  #wake: (() => void)[] = [];

  poll(): { revision: Revision; jobs: readonly AssignedJob[] } {
    return { revision: index(this.revision), jobs: this.jobs };
  }
  wait(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }
  async report(_session: number, items: readonly ReportItem[]): Promise<void> {
    if (this.holdReports) await new Promise(() => undefined);
    if (this.failReports > 0) {
      this.failReports -= 1;
      throw new Error("no leader");
    }
    this.reports.push(...items);
  }
  async fetch(): Promise<void> {}

  set(...jobs: AssignedJob[]): void {
    this.jobs = jobs;
    this.revision += 1;
    for (const wake of this.#wake.splice(0)) wake();
  }
  phases(jobId: string): string[] {
    return this.reports.filter((r) => r.jobId === jobId).map((r) => r.run.phase);
  }
}

class FakeExecutor implements Executor {
  readonly kinds = ["command"] as const;
  readonly prefetched: string[] = [];
  prepared = 0;
  failure: Error | undefined;
  async prefetch(job: JobRow): Promise<void> {
    this.prefetched.push(job.jobId);
  }
  async prepare(a: Assignment): Promise<StartOrder> {
    this.prepared += 1;
    if (this.failure !== undefined) throw this.failure;
    const { epoch, session, revision } = a;
    return { jobId: a.job.jobId, epoch, session, revision } as StartOrder;
  }
  digestsOf(): readonly string[] {
    return ["d"];
  }
}

let clock: ManualClock;
let cluster: FakeCluster;
let executor: FakeExecutor;
let agent: Agent;
let sent: ServerToSentinel[];
let hear: (message: SentinelToServer) => void;

beforeEach(() => {
  clock = new ManualClock();
  cluster = new FakeCluster();
  executor = new FakeExecutor();
  sent = [];
  agent = new Agent(
    { serverId: "s1", startsInflightMax: 2 },
    {
      ...{ cluster, clock, executors: [executor], logger: silentLogger },
      link: {
        send: (message) => sent.push(message),
        listen: (listener) => {
          hear = listener;
          return () => undefined;
        },
      },
      prune: async () => undefined,
      random: seededRandom(3),
      wallClock: { wallMs: () => clock.nowMs() },
    },
  );
  agent.start();
});
afterEach(() => agent.stop());

const attach = (runs: readonly RunInfo[] = [], session = 7, renewed = true): void =>
  hear({ kind: "attached", session, renewed, sealed: false, fencing: "cgroup", runs });
const seal = (...runs: readonly RunInfo[]): void =>
  hear({ kind: "attached", session: 7, renewed: true, sealed: true, fencing: "cgroup", runs });
const starts = (): string[] =>
  sent.flatMap((m) => (m.kind === "start" ? [`${m.order.jobId}@${m.order.epoch}`] : []));
const stops = (): string[] =>
  sent.flatMap((m) =>
    m.kind === "stop" ? [`${m.jobId}@${m.epoch}${m.release ? " released" : ""}`] : [],
  );

describe("starting", () => {
  test("starts what is ours once the sentinel may, reports it, and does it once", async () => {
    cluster.set(assigned("j1"));
    attach([], 7, false);
    await clock.advance(0);
    expect(starts()).toEqual([]);
    attach();
    await clock.advance(0);
    expect(starts()).toEqual(["j1@1"]);
    await clock.advance(100);
    hear({ kind: "run", run: run("j1") });
    await clock.advance(100);
    expect(starts()).toEqual(["j1@1"]);
    expect(cluster.phases("j1")).toEqual(["starting", "running"]);
    expect(cluster.reports.at(-1)).toMatchObject({ finished: false, run: { pid: 4242, epoch: 1 } });
    expect(agent.status()).toMatchObject({ session: 7, runs: [{ jobId: "j1", phase: "running" }] });
  });

  test("no more than the limit at a time, highest priority first", async () => {
    const jobs = [10, 90, 50].map((priority) => assigned(`p${priority}`, { spec: { priority } }));
    cluster.set(...jobs);
    attach();
    await clock.advance(50);
    expect(starts()).toEqual(["p90@1", "p50@1"]);
    hear({ kind: "run", run: run("p50") });
    await clock.advance(0);
    expect(starts()).toEqual(["p90@1", "p50@1", "p10@1"]);
  });

  test("a start that cannot be prepared is reported in words and tried again with backoff", async () => {
    executor.failure = new Error("there is no java");
    cluster.set(assigned("j1"));
    attach();
    await clock.advance(100);
    expect(executor.prepared).toBe(1);
    expect(cluster.reports.at(-1)?.run).toMatchObject({ phase: "failed", restarts: 1 });
    expect(cluster.reports.at(-1)?.run.message).toMatch(/^there is no java; tried again in /);
    executor.failure = undefined;
    await clock.advance(1300);
    expect(starts()).toEqual(["j1@1"]);
  });

  test("a refusal is a reason to wait, not to spin", async () => {
    cluster.set(assigned("j1"));
    attach();
    await clock.advance(0);
    hear({ kind: "refused", jobId: "j1", epoch: 1, code: "X", message: "released" });
    await clock.advance(500);
    expect(starts()).toHaveLength(1);
    await clock.advance(1000);
    expect(starts()).toHaveLength(2);
  });
});

describe("a start that was never executed", () => {
  const never = (epoch: number, cause: RunInfo["cause"]): RunInfo =>
    run("j1", { epoch, pid: 0, state: "exited", cause });

  test("is not kept for a run: the next epoch on this server starts", async () => {
    cluster.set(assigned("j1"));
    attach();
    await clock.advance(0);
    cluster.set();
    attach([run("j1", { pid: 0 })]);
    await clock.advance(0);
    expect(stops()).toEqual(["j1@1 released"]);
    hear({ kind: "run", run: run("j1", { pid: 0, state: "stopping" }) });
    hear({ kind: "run", run: never(1, "stop") });
    hear({ kind: "refused", jobId: "j1", epoch: 1, code: "X", message: "stopped before" });
    cluster.set(assigned("j1", { epoch: 2 }));
    await clock.advance(0);
    expect(starts()).toEqual(["j1@1", "j1@2"]);
    expect(agent.status().runs).toEqual([]);
  });

  test("is the business of the refusal and not of the restart policy", async () => {
    cluster.set(assigned("j1", { spec: { restart: "never" } }));
    attach();
    await clock.advance(0);
    hear({ kind: "run", run: never(1, "start") });
    await clock.advance(0);
    expect(starts()).toHaveLength(1);
    hear({ kind: "refused", jobId: "j1", epoch: 1, code: "X", message: "no such program" });
    await clock.advance(100);
    expect(cluster.phases("j1").at(-1)).toBe("failed");
    expect(cluster.reports.filter((r) => r.finished)).toEqual([]);
    await clock.advance(1300);
    expect(starts()).toHaveLength(2);
  });

  test("a refusal of what is not being started any more is nobody's failure", async () => {
    cluster.set(assigned("j1"));
    attach();
    await clock.advance(0);
    hear({ kind: "run", run: run("j1") });
    hear({ kind: "refused", jobId: "j1", epoch: 1, code: "X", message: "late" });
    await clock.advance(100);
    expect(cluster.phases("j1")).toEqual(["starting", "running"]);
  });
});

describe("a session that is given back", () => {
  test("its stopped jobs are neither started again nor reported", async () => {
    cluster.set(assigned("j1"));
    attach([run("j1")]);
    await clock.advance(100);
    const told = cluster.reports.length;
    seal(run("j1"));
    hear({ kind: "run", run: run("j1", { state: "exited", cause: "stop", signal: "SIGTERM" }) });
    await clock.advance(100);
    hear({ kind: "fenced", session: 7 });
    await clock.advance(10_000);
    expect([executor.prepared, starts(), cluster.reports.length]).toEqual([0, [], told]);
    cluster.set(
      assigned("j1", { epoch: 2, assignment: { state: "assigned", owner: owner("s1", 8) } }),
    );
    attach([], 8);
    await clock.advance(0);
    expect(starts()).toEqual(["j1@2"]);
  });

  test("what is in backoff, refused or being prepared stays where it is, without a word", async () => {
    let finish: () => void = () => undefined;
    cluster.set(assigned("j1"), assigned("j2"));
    attach([run("j1", { state: "exited", exitCode: 1 })]);
    await clock.advance(0);
    expect(starts()).toEqual(["j2@1"]);
    executor.prepare = () =>
      new Promise((resolve) => {
        finish = () => resolve({ jobId: "j3", epoch: 1 } as StartOrder);
      });
    cluster.set(assigned("j1"), assigned("j2"), assigned("j3"));
    await clock.advance(100);
    const told = cluster.reports.length;
    seal();
    finish();
    hear({ kind: "refused", jobId: "j2", epoch: 1, code: "SEALED", message: "ending" });
    await clock.advance(10_000);
    expect([starts(), cluster.reports.length]).toEqual([["j2@1"], told]);
  });

  test("an end by itself is told when it is final, and only then", async () => {
    cluster.set(assigned("j1", { spec: { restart: "never" } }), assigned("j2"));
    attach([run("j1"), run("j2")]);
    await clock.advance(100);
    seal(run("j1"), run("j2"));
    hear({ kind: "run", run: run("j1", { state: "exited", exitCode: 0 }) });
    hear({ kind: "run", run: run("j2", { state: "exited", exitCode: 1 }) });
    await clock.advance(10_000);
    expect(cluster.reports.at(-1)).toMatchObject({ jobId: "j1", finished: true });
    expect(cluster.phases("j2")).toEqual(["running"]);
    expect(starts()).toEqual([]);
  });
});

describe("stop", () => {
  test("abandons a report and a fetch that do not end, and they do nothing afterwards", async () => {
    let fail: (error: Error) => void = () => undefined;
    cluster.holdReports = true;
    executor.prepare = () => new Promise((_resolve, reject) => (fail = reject));
    cluster.set(assigned("j1"));
    attach();
    await clock.advance(0);
    let isStopped = false;
    const stopping = agent.stop().then(() => (isStopped = true));
    await clock.advance(agentStopMs - 1);
    expect(isStopped).toBe(false);
    await clock.advance(1);
    expect(isStopped).toBe(true);
    await stopping;
    fail(new Error("connection lost"));
    await clock.advance(10_000);
    expect([starts(), cluster.reports]).toEqual([[], []]);
  });

  test("waits no longer than what is under way", async () => {
    cluster.set(assigned("j1"));
    attach();
    await clock.advance(0);
    await agent.stop();
    expect(cluster.phases("j1")).toEqual(["starting"]);
  });
});

describe("ends", () => {
  const exited = (exitCode: number, pid = 4242): RunInfo =>
    run("j1", { state: "exited", exitCode, pid });

  test("always: backoff, then again under the same epoch, never released", async () => {
    cluster.set(assigned("j1"));
    attach([run("j1")]);
    await clock.advance(0);
    hear({ kind: "run", run: exited(1) });
    await clock.advance(10);
    expect(cluster.phases("j1").at(-1)).toBe("backoff");
    expect(starts()).toEqual([]);
    attach([exited(1)]);
    await clock.advance(1300);
    expect(starts()).toEqual(["j1@1"]);
    expect(stops()).toEqual([]);
    hear({ kind: "run", run: run("j1", { pid: 5 }) });
    hear({ kind: "run", run: exited(1, 5) });
    await clock.advance(10);
    expect(cluster.reports.at(-1)?.run).toMatchObject({ phase: "backoff", restarts: 2 });
  });

  test("finished is reported until it is committed, and not started again", async () => {
    cluster.set(assigned("j1", { spec: { restart: "on-failure" } }));
    attach([run("j1")]);
    await clock.advance(0);
    cluster.failReports = 2;
    hear({ kind: "run", run: exited(0) });
    await clock.advance(5000);
    expect(cluster.reports.at(-1)).toMatchObject({
      finished: true,
      run: { phase: "exited", exitCode: 0 },
    });
    expect(starts()).toEqual([]);
    cluster.set();
    await clock.advance(0);
    expect(stops()).toEqual(["j1@1 released"]);
  });

  test("an end by the fence is nobody's failure: started again as soon as the lease is held", async () => {
    cluster.set(assigned("j1", { spec: { restart: "never" } }));
    attach([run("j1")]);
    await clock.advance(0);
    hear({ kind: "fenced", session: 7 });
    hear({ kind: "run", run: run("j1", { state: "exited", cause: "fence", signal: "SIGKILL" }) });
    await clock.advance(5000);
    expect(starts()).toEqual([]);
    attach();
    await clock.advance(0);
    expect(starts()).toEqual(["j1@1"]);
    expect(cluster.reports.filter((r) => r.finished)).toEqual([]);
  });
});

describe("what the table takes away", () => {
  const revoked = assigned("j1", {
    assignment: { state: "revoking", owner: owner("s1", 7), next: owner("s2", 9) },
  });

  test("is stopped and released once, and its next epoch is started and watched as usual", async () => {
    cluster.set(assigned("j1"));
    attach([run("j1")]);
    await clock.advance(0);
    cluster.set(revoked);
    await clock.advance(3000);
    expect(stops()).toEqual(["j1@1 released"]);
    hear({ kind: "run", run: run("j1", { state: "exited", cause: "stop" }) });
    cluster.set(assigned("j1", { epoch: 3 }));
    await clock.advance(0);
    expect(starts()).toEqual(["j1@3"]);
    hear({ kind: "run", run: run("j1", { epoch: 3, pid: 9 }) });
    hear({ kind: "run", run: run("j1", { epoch: 3, pid: 9, state: "exited", exitCode: 1 }) });
    await clock.advance(100);
    expect(starts()).toEqual(["j1@3"]);
    expect(cluster.phases("j1").at(-1)).toBe("backoff");
  });

  test("is released too when its start is still being prepared, and the order does not go out", async () => {
    let finish: () => void = () => undefined;
    executor.prepare = () =>
      new Promise((resolve) => {
        finish = () => resolve({ jobId: "j1", epoch: 1 } as StartOrder);
      });
    cluster.set(assigned("j1"));
    attach();
    await clock.advance(0);
    cluster.set(assigned("j1", { epoch: 2, assignment: { state: "pending", reason: "" } }));
    await clock.advance(0);
    finish();
    await clock.advance(0);
    expect(starts()).toEqual([]);
  });

  test("next: fetched once", async () => {
    const assignment = { state: "revoking", owner: owner("s2", 9), next: owner("s1", 7) } as const;
    cluster.set(assigned("j1", { assignment }));
    attach();
    await clock.advance(3000);
    expect(executor.prefetched).toEqual(["j1"]);
  });
});

test("a table that goes back is not looked at", async () => {
  cluster.set(assigned("j1"));
  attach([run("j1")]);
  await clock.advance(0);
  cluster.revision -= 50;
  cluster.jobs = [];
  hear({ kind: "run", run: run("j1") });
  await clock.advance(0);
  expect(stops()).toEqual([]);
  cluster.revision += 50;
  hear({ kind: "run", run: run("j1") });
  await clock.advance(0);
  expect(stops()).toEqual(["j1@1 released"]);
});

import { afterEach, describe, expect, test, vi } from "vitest";
import type { Logger } from "../../../src/base/logger.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { PlannerInput } from "../../../src/distribution/planner-input.ts";
import { expiryWaitMs } from "../../../src/registry/lease-table.ts";
import type { Command } from "../../../src/state/commands.ts";
import type { AssignmentRow } from "../../../src/state/rows.ts";
import { by, Fleet, Holder, holdersOf, jobSpec, leaseMs, type Site } from "../support/services.ts";

let fleet: Fleet;
let leader: Site;
let holders: Map<string, Holder>;

afterEach(async () => {
  for (const holder of holders.values()) holder.silence();
  await fleet.stop();
});

async function found(
  options: { size?: number; balanceHoldMs?: number; logger?: Logger } = {},
): Promise<void> {
  fleet = await new Fleet({ size: 3, ...options }).found();
  leader = await fleet.leader();
  holders = await holdersOf(fleet);
}

/** Every plan that the leader proposes from now on. */
function plans(): Extract<Command, { kind: "apply-plan" }>[] {
  const seen: Extract<Command, { kind: "apply-plan" }>[] = [];
  for (const { services } of fleet.running()) {
    const { replica } = services;
    const propose = replica.propose.bind(replica);
    replica.propose = (command, options) => {
      if (command.kind === "apply-plan") seen.push(command);
      return propose(command, options);
    };
  }
  return seen;
}

async function submit(count: number, prefix = "job"): Promise<readonly string[]> {
  const all = Array.from({ length: count }, (_, i) =>
    leader.services.jobs.submit(
      { namespace: "default", name: `${prefix}${String(i)}`, spec: jobSpec() },
      by,
    ),
  );
  return (await fleet.settled(Promise.all(all))).map(({ jobId }) => jobId);
}

const rows = (): readonly AssignmentRow[] => leader.services.replica.state.assignments();

function ownerOf({ assignment }: AssignmentRow): string {
  return assignment.state === "assigned" ? assignment.owner.serverId : assignment.state;
}

/** owner (or state) → jobs. */
function spread(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows()) counts[ownerOf(row)] = (counts[ownerOf(row)] ?? 0) + 1;
  return counts;
}

const allAssigned = (): boolean =>
  rows().every(({ assignment }) => assignment.state === "assigned");

/** The owners obey: what is revoked is released with their next renewals. */
async function obey(): Promise<void> {
  const revoked = rows().filter(({ assignment }) => assignment.state === "revoking");
  for (const { jobId, epoch, assignment } of revoked) {
    if (assignment.state !== "revoking") continue;
    await holders.get(assignment.owner.serverId)!.renew(leader, { released: [{ jobId, epoch }] });
  }
}

/** Obeys until nothing is on its way and nothing more is planned for `quietMs`. */
async function settle(quietMs = 1000): Promise<void> {
  for (let round = 0; round < 60; round += 1) {
    await fleet.clock.run(quietMs);
    if (allAssigned()) return;
    await obey();
  }
  throw new Error(`not settled: ${JSON.stringify(spread())}`);
}

describe("repair", () => {
  test("places what was submitted at once, evenly", async () => {
    await found();
    await submit(9);
    await fleet.until("all are placed", allAssigned, 500);
    expect(spread()).toEqual({ s1: 3, s2: 3, s3: 3 });
  });

  test("expires a lost server and moves its jobs in one entry", async () => {
    await found();
    await submit(6);
    await fleet.until("all are placed", allAssigned, 500);
    const seen = plans();
    const lost = fleet.followers(leader)[0]!;
    const { session } = holders.get(lost.serverId)!;
    const before = new Map(rows().map((row) => [row.jobId, row]));
    holders.get(lost.serverId)!.silence();
    await fleet.crash(lost);
    await fleet.until("its jobs are elsewhere", () => spread()[lost.serverId] === undefined, 5000);
    expect(seen.filter(({ expire }) => expire.length > 0)).toMatchObject([
      { expire: [session], moves: [{ action: "assign" }, { action: "assign" }] },
    ]);
    expect(spread()).toEqual(Object.fromEntries(fleet.running().map((s) => [s.serverId, 3])));
    for (const row of rows()) {
      const was = before.get(row.jobId)!;
      const moved = ownerOf(was) === lost.serverId;
      expect(row.epoch - was.epoch).toBe(moved ? 1 : 0);
      if (!moved) expect(ownerOf(row)).toBe(ownerOf(was));
    }
  });

  test("expires a server that had no jobs, too", async () => {
    await found();
    const seen = plans();
    const lost = fleet.followers(leader)[0]!;
    const { session } = holders.get(lost.serverId)!;
    holders.get(lost.serverId)!.silence();
    const { state } = leader.services.replica;
    await fleet.until("it is expired", () => state.session(session)?.state === "ended", 5000);
    expect(seen.filter(({ expire }) => expire.length > 0)).toMatchObject([
      { expire: [session], moves: [] },
    ]);
  });

  test("waits for a server when there is none, and then goes on by itself", async () => {
    fleet = await new Fleet({ size: 1 }).found();
    holders = new Map();
    leader = await fleet.leader();
    const seen = plans();
    await submit(3);
    await fleet.clock.run(2000);
    expect(spread()).toEqual({ pending: 3 });
    expect(seen).toEqual([]);
    const holder = await new Holder(fleet, "s1").register(leader);
    holders.set("s1", holder.beat());
    await fleet.until("all are placed", allAssigned, 500);
  });

  test("does not place on a server that missed its beats, and does once it is back", async () => {
    await found();
    const quiet = fleet.followers(leader)[0]!;
    holders.get(quiet.serverId)!.silence();
    await fleet.clock.run((leaseMs * 2) / 3 + 100);
    await submit(4);
    await fleet.until("all are placed", allAssigned, 500);
    expect(spread()[quiet.serverId]).toBeUndefined();
    holders.get(quiet.serverId)!.beat();
    await fleet.clock.run(100);
    await submit(2, "later");
    await fleet.until("all are placed", allAssigned, 500);
    expect(spread()).toEqual({ s1: 2, s2: 2, s3: 2 });
  });

  test("is repeated when its plan did not get into the log", async () => {
    await found();
    const { replica } = leader.services;
    const propose = replica.propose.bind(replica);
    let failures = 0;
    replica.propose = (command, options) => {
      if (command.kind !== "apply-plan" || failures === 3) return propose(command, options);
      failures += 1;
      return Promise.reject(new Error("the disk is slow today"));
    };
    await submit(3);
    await fleet.until("all are placed", allAssigned, 3000);
    expect(failures).toBe(3);
  });

  test("is not repeated without a pause when nothing of it is carried out", async () => {
    await found();
    const { replica } = leader.services;
    const propose = replica.propose.bind(replica);
    let proposed = 0;
    replica.propose = (command, options) => {
      if (command.kind !== "apply-plan") return propose(command, options);
      proposed += 1;
      const moves = command.moves.map((move) => ({ ...move, prevEpoch: 99 as never }));
      return propose({ ...command, moves }, options);
    };
    await submit(1);
    await fleet.clock.run(2000);
    expect(proposed).toBeGreaterThan(2);
    expect(proposed).toBeLessThan(20);
  });

  test("goes on without a planner as far as it can: lost servers expire, and no leader falls", async () => {
    const errors: string[] = [];
    const logger: Logger = {
      ...silentLogger,
      error: (_fields, message) => errors.push(message),
      child: () => logger,
    };
    await found({ logger });
    await submit(3);
    await fleet.until("all are placed", allAssigned, 500);
    const broken = vi.spyOn(PlannerInput.prototype, "build").mockImplementation(() => {
      throw new RangeError("a planner's mistake");
    });
    const lost = fleet.followers(leader)[0]!;
    const { session } = holders.get(lost.serverId)!;
    holders.get(lost.serverId)!.silence();
    await fleet.crash(lost);
    const { replica } = leader.services;
    await fleet.until("expired", () => replica.state.session(session)?.state === "ended", 6000);
    expect(replica.state.session(session)?.endReason).toBe("expired");
    expect(replica.status().role).toBe("leader");
    expect(spread()["pending"]).toBe(1);
    expect(errors).toContain("the planner failed");
    for (const site of fleet.running()) expect(site.fatal).toEqual([]);
    broken.mockRestore();
    await fleet.until("all are placed", allAssigned, 10_000);
    expect(spread()[lost.serverId]).toBeUndefined();
  });

  test("of very many jobs goes into the log in bounded pieces", async () => {
    fleet = await new Fleet({ size: 1 }).found();
    leader = await fleet.leader();
    holders = new Map();
    for (let i = 0; i < 5; i += 1) await submit(500, `batch${String(i)}-`);
    const seen = plans();
    holders = await holdersOf(fleet);
    await fleet.until("all are placed", allAssigned, 5000);
    expect(seen.map(({ moves }) => moves.length)).toEqual([1000, 1000, 500]);
  });

  test("goes on under the next leader", async () => {
    await found();
    await submit(6);
    await fleet.until("all are placed", allAssigned, 500);
    const lost = leader;
    holders.get(lost.serverId)!.silence();
    await fleet.crash(lost);
    leader = await fleet.leader();
    const sinceMs = fleet.clock.nowMs();
    await fleet.until("its jobs are elsewhere", () => spread()[lost.serverId] === undefined, 8000);
    expect(fleet.clock.nowMs() - sinceMs).toBeGreaterThan(expiryWaitMs(leaseMs) - 700);
    expect(allAssigned()).toBe(true);
  });
});

describe("balance", () => {
  const held = 10_000;

  /** Two servers run all jobs; the third one comes later. */
  async function late(jobs: number): Promise<Holder> {
    await found({ balanceHoldMs: held });
    const away = fleet.followers(leader)[1]!;
    const holder = holders.get(away.serverId)!;
    holder.silence();
    const { state } = leader.services.replica;
    await fleet.until("it is gone", () => state.activeSession(away.serverId) === undefined);
    await submit(jobs);
    await fleet.until("all are placed", allAssigned, 500);
    await holder.register(leader);
    return holder.beat();
  }

  test("waits until the set of servers has been the same for the hold time", async () => {
    await late(6);
    const before = spread();
    await fleet.clock.run(held - 500);
    expect(spread()).toEqual(before);
    await fleet.clock.run(1000);
    expect(spread()["revoking"]).toBe(1);
    await settle();
    expect(spread()).toEqual({ s1: 2, s2: 2, s3: 2 });
  });

  test("begins to wait anew when the set changes", async () => {
    const holder = await late(6);
    await fleet.clock.run(held - 2000);
    holder.silence();
    await fleet.clock.run(4500);
    await holder.register(leader);
    holder.beat();
    const before = spread();
    await fleet.clock.run(held - 1000);
    expect(spread()).toEqual(before);
    await fleet.clock.run(2000);
    expect(spread()["revoking"]).toBe(1);
  });

  test("is not begun by jobs that come or go, until these have been the same for the hold time", async () => {
    await found({ balanceHoldMs: held });
    await submit(9);
    await fleet.until("all are placed", allAssigned, 500);
    await fleet.clock.run(2 * held);
    expect(spread()).toEqual({ s1: 3, s2: 3, s3: 3 });
    const { jobs } = leader.services;
    for (const { jobId, assignment } of rows()) {
      const isFirst = assignment.state === "assigned" && assignment.owner.serverId === "s1";
      const request = { job: jobId, desired: "stopped", reason: "test" } as const;
      if (isFirst) await fleet.settled(jobs.setDesired(request, by));
    }
    await obey();
    expect(spread()).toEqual({ stopped: 3, s2: 3, s3: 3 });
    await fleet.clock.run(held - 1500);
    expect(spread()).toEqual({ stopped: 3, s2: 3, s3: 3 });
    await fleet.clock.run(2000);
    expect(spread()["revoking"]).toBe(1);
    for (let round = 0; round < 10; round += 1) {
      await obey();
      await fleet.clock.run(500);
    }
    expect(spread()).toEqual({ stopped: 3, s1: 2, s2: 2, s3: 2 });
  });

  test("moves a tenth of the jobs at a time, at least one, and no more than needed", async () => {
    await late(60);
    const movingAtOnce: number[] = [];
    await fleet.clock.run(held);
    const owners = new Map(rows().map((row) => [row.jobId, row.epoch]));
    for (let round = 0; round < 40; round += 1) {
      await fleet.clock.run(500);
      movingAtOnce.push(spread()["revoking"] ?? 0);
      await obey();
    }
    expect(Math.max(...movingAtOnce)).toBe(6);
    expect(spread()).toEqual({ s1: 20, s2: 20, s3: 20 });
    const moved = rows().filter(({ jobId, epoch }) => epoch !== owners.get(jobId)).length;
    expect(moved).toBe(20);
  });

  test("is noticed also when a server was only suspect and no table tells of its return", async () => {
    await found({ balanceHoldMs: 1000 });
    const quiet = fleet.followers(leader)[0]!;
    holders.get(quiet.serverId)!.silence();
    await fleet.clock.run((leaseMs * 2) / 3 + 100);
    await submit(6);
    await fleet.until("all are placed", allAssigned, 500);
    expect(spread()[quiet.serverId]).toBeUndefined();
    holders.get(quiet.serverId)!.beat();
    await fleet.clock.run(7000);
    expect(spread()["revoking"]).toBe(1);
    await settle();
    expect(spread()).toEqual({ s1: 2, s2: 2, s3: 2 });
  });

  test("never puts off the retry of jobs that could not be placed", async () => {
    await found({ balanceHoldMs: 60_000 });
    await submit(6);
    await fleet.until("all are placed", allAssigned, 500);
    for (const holder of holders.values()) holder.silence();
    await fleet.clock.run((leaseMs * 2) / 3 + 100);
    await submit(1, "orphan");
    await fleet.clock.run(300);
    expect(spread()["pending"]).toBe(1);
    for (const holder of holders.values()) holder.beat();
    await fleet.until("it is placed", allAssigned, 600);
  });
});

describe("drain", () => {
  test("empties a server by the two-phase hand-off, without waiting for a hold", async () => {
    await found({ balanceHoldMs: 60_000 });
    await submit(30);
    await fleet.until("all are placed", allAssigned, 500);
    const seen = plans();
    const emptied = fleet.followers(leader)[0]!.serverId;
    const request = { serverId: emptied, admin: "draining", reason: "test" } as const;
    await fleet.settled(leader.services.members.setAdminState(request, by));
    await fleet.clock.run(100);
    expect(spread()).toMatchObject({ revoking: 3, [emptied]: 7 });
    expect(seen.at(-1)?.moves.every(({ action }) => action === "revoke")).toBe(true);
    // Without the proof of exit nothing goes on, however long it takes.
    await fleet.clock.run(20_000);
    expect(spread()).toMatchObject({ revoking: 3, [emptied]: 7 });
    await settle(200);
    expect(spread()[emptied]).toBeUndefined();
  });

  test("keeps the jobs where they are when no other server can take them", async () => {
    fleet = await new Fleet({ size: 1 }).found();
    leader = await fleet.leader();
    holders = await holdersOf(fleet);
    await submit(2);
    await fleet.until("all are placed", allAssigned, 500);
    const request = { serverId: "s1", admin: "draining", reason: "test" } as const;
    await fleet.settled(leader.services.members.setAdminState(request, by));
    await fleet.clock.run(2000);
    expect(spread()).toEqual({ s1: 2 });
  });
});

test("a leader that was deposed proposes nothing more", async () => {
  await found();
  const old = leader;
  const seen: unknown[] = [];
  const { replica } = old.services;
  const propose = replica.propose.bind(replica);
  await fleet.settled(replica.transferLeadership(0 as never, 2000));
  replica.propose = (command, options) => {
    seen.push(command);
    return propose(command, options);
  };
  leader = await fleet.leader();
  await submit(3);
  await fleet.until("all are placed", allAssigned, 500);
  expect(seen).toEqual([]);
});

test("every plan is bound to the term that it was made in", async () => {
  await found();
  const terms: unknown[] = [];
  const { replica } = leader.services;
  const propose = replica.propose.bind(replica);
  replica.propose = (command, options) => {
    if (command.kind === "apply-plan") terms.push(options.term);
    return propose(command, options);
  };
  await submit(1);
  await fleet.until("it is placed", allAssigned, 500);
  expect(terms).toEqual([replica.status().term]);
});

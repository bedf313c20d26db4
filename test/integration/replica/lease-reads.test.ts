// Reads that ask nobody, through the driver: it is the driver that knows when time has passed unnoticed.
import { afterEach, describe, expect, test } from "vitest";
import { defaultTiming } from "../../../src/replica/limits.ts";
import { addressOf, Cluster, type Member, put } from "./cluster.ts";

/** Longer than a turn of the loop, much shorter than a heartbeat. */
const atOnceMs = 5;

let cluster: Cluster;

afterEach(async () => {
  await cluster.stop();
});

/** A leader with a lease, whom nobody hears any more. */
async function cutOff(options: { readonly leaseReads: boolean }): Promise<Member> {
  cluster = await new Cluster({ size: 3, ...options }).found();
  const leader = await cluster.leader();
  await cluster.propose(leader, put("a"));
  await cluster.clock.run(2 * defaultTiming.heartbeatMs);
  const others = cluster.followers().map(({ id }) => addressOf(id));
  cluster.network.partition([addressOf(leader.id)], others);
  return leader;
}

async function isAnsweredAtOnce(ask: () => Promise<unknown>): Promise<boolean> {
  let isAnswered = false;
  void ask().then(
    () => {
      isAnswered = true;
    },
    () => undefined,
  );
  await cluster.clock.run(atOnceMs);
  return isAnswered;
}

describe("lease reads", () => {
  test("are answered without a word from the others, but not for longer than they are loyal", async () => {
    const leader = await cutOff({ leaseReads: true });
    const barrier = (): Promise<unknown> => leader.replica.barrier(10_000);
    expect(await isAnsweredAtOnce(barrier)).toBe(true);
    await cluster.clock.run(defaultTiming.electionMinMs - defaultTiming.heartbeatMs);
    expect(leader.replica.status().role).toBe("leader");
    expect(await isAnsweredAtOnce(barrier)).toBe(false);
  });

  test("are off by default", async () => {
    const leader = await cutOff({ leaseReads: false });
    expect(await isAnsweredAtOnce(() => leader.replica.barrier(10_000))).toBe(false);
  });

  test("leadership itself is always asked for: others get promises on the answer", async () => {
    const leader = await cutOff({ leaseReads: true });
    expect(await isAnsweredAtOnce(() => leader.replica.confirmLeadership(10_000))).toBe(false);
  });

  test.each([defaultTiming.electionMinMs, 60_000])(
    "a leader that stood still for %d ms answers nothing on what it held before",
    async (pausedMs) => {
      const leader = await cutOff({ leaseReads: true });
      cluster.clock.stall(pausedMs);
      expect(await isAnsweredAtOnce(() => leader.replica.barrier(10_000))).toBe(false);
    },
  );

  test("the others elect a leader once their loyalty is over, and the old one never answers beside it", async () => {
    const leader = await cutOff({ leaseReads: true });
    const others = cluster.followers();
    let last = true;
    while (last) last = await isAnsweredAtOnce(() => leader.replica.barrier(10_000));
    expect(others.map(({ replica }) => replica.status().role)).toEqual(["follower", "follower"]);
    await cluster.clock.until("another leader", () =>
      others.some(({ replica }) => replica.status().role === "leader"),
    );
    cluster.network.heal();
    await cluster.leader();
  });
});

import { describe, expect, test } from "vitest";
import { type PeerId, peerId } from "../../../src/base/numbers.ts";
import { PeerActivity, silenceToleratedMs } from "../../../src/registry/peer-activity.ts";
import type { Replica } from "../../../src/replica/contract.ts";
import { VirtualClock } from "../replica/virtual-clock.ts";

const electionMs = 300;
const heartbeatMs = 75;

/** Peer 2 answers every heartbeat until `diesMs`; its mark is cleared with every election timeout. */
function fixture(diesMs: number) {
  const clock = new VirtualClock();
  let role = "leader";
  const active = (): boolean => {
    const intoTimeoutMs = clock.nowMs() % electionMs;
    const answeredMs = Math.floor(clock.nowMs() / heartbeatMs) * heartbeatMs;
    return intoTimeoutMs >= heartbeatMs && answeredMs < diesMs;
  };
  const replica = {
    status: () => ({ peerId: peerId(1), role, peers: [{ peerId: peerId(2), active: active() }] }),
  } as unknown as Replica;
  const activity = new PeerActivity({ electionMinMs: electionMs, heartbeatMs }, { replica, clock });
  return {
    clock,
    activity,
    raw: active,
    follow: () => {
      role = "follower";
    },
  };
}

const both = new Set<PeerId>([peerId(1), peerId(2)]);

test("a server that answers is never taken for silent, however often its mark is cleared", async () => {
  const { clock, activity, raw } = fixture(Number.POSITIVE_INFINITY);
  await clock.run(heartbeatMs);
  activity.start();
  const raws = new Set<boolean>();
  for (let i = 0; i < 300; i += 1) {
    await clock.run(7);
    raws.add(raw());
    expect(activity.answering()).toEqual(both);
  }
  expect(raws).toEqual(new Set([true, false]));
  activity.stop();
});

test("also when nobody asks but just after its mark was cleared", async () => {
  const { clock, activity, raw } = fixture(Number.POSITIVE_INFINITY);
  await clock.run(electionMs + 1);
  activity.start();
  for (let i = 0; i < 20; i += 1) {
    await clock.run(electionMs);
    expect(raw()).toBe(false);
    if (i > 0) expect(activity.answering()).toEqual(both);
  }
  activity.stop();
});

test("a server that answers no more is silent after the tolerated time", async () => {
  const { clock, activity } = fixture(1000);
  activity.start();
  await clock.run(1000);
  expect(activity.answering()).toEqual(both);
  await clock.run(silenceToleratedMs + electionMs);
  expect(activity.answering()).toEqual(new Set([peerId(1)]));
  activity.stop();
  expect(clock.waiting).toBe(0);
});

test("a server falls silent, or goes on answering", async () => {
  const dying = fixture(1000);
  dying.activity.start();
  await dying.clock.run(990);
  expect(await dying.clock.settled(dying.activity.fallsSilent(peerId(2)))).toBe(true);
  dying.activity.stop();
  const alive = fixture(Number.POSITIVE_INFINITY);
  alive.activity.start();
  await alive.clock.run(990);
  expect(await alive.clock.settled(alive.activity.fallsSilent(peerId(2)))).toBe(false);
  expect(await alive.clock.settled(alive.activity.fallsSilent(peerId(1)))).toBe(false);
  alive.activity.stop();
});

test("a server that does not lead knows of nobody", async () => {
  const { clock, activity, follow } = fixture(Number.POSITIVE_INFINITY);
  activity.start();
  await clock.run(100);
  follow();
  activity.stop();
  expect(activity.answering()).toEqual(new Set());
});

describe("a leader that has just begun", () => {
  const all = (peers: ReadonlySet<PeerId>): boolean => peers.size === 2;

  test("gives the others time to be heard, and no longer than it takes", async () => {
    const { clock, activity, raw } = fixture(Number.POSITIVE_INFINITY);
    await clock.run(electionMs);
    expect(raw()).toBe(false);
    activity.start();
    expect(activity.answering()).toEqual(new Set([peerId(1)]));
    expect(await clock.settled(activity.heard(all))).toEqual(both);
    expect(clock.nowMs()).toBeLessThan(electionMs + 2 * heartbeatMs);
    activity.stop();
  });

  test("takes silence for an answer after the tolerated time", async () => {
    const { clock, activity } = fixture(0);
    activity.start();
    expect(await clock.settled(activity.heard(all))).toEqual(new Set([peerId(1)]));
    expect(clock.nowMs()).toBeGreaterThanOrEqual(silenceToleratedMs);
    const sinceMs = clock.nowMs();
    await clock.settled(activity.heard(all));
    expect(clock.nowMs()).toBe(sinceMs);
    activity.stop();
  });

  test("does not wait when it leads no more", async () => {
    const { clock, activity, follow } = fixture(0);
    activity.start();
    follow();
    activity.stop();
    expect(await clock.settled(activity.heard(all))).toEqual(new Set());
    expect(clock.nowMs()).toBe(0);
  });
});

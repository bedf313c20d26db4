import { describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import { noPeer, type PeerId, peerId, term } from "../../../src/base/numbers.ts";
import { replicaErrors } from "../../../src/replica/errors.ts";
import { ForwardingLink } from "../../../src/replica/leader-link.ts";
import { Leadership } from "../../../src/replica/leadership.ts";
import { transportErrors } from "../../../src/transport/errors.ts";
import { VirtualClock } from "./virtual-clock.ts";

const self = peerId(1);
const none = new Uint8Array(0);

type Reply = (to: PeerId, deadlineMs: number) => Promise<Uint8Array>;

function setup(reply: Reply): {
  link: ForwardingLink;
  leadership: Leadership;
  clock: VirtualClock;
  sentTo: PeerId[];
} {
  const clock = new VirtualClock();
  const leadership = new Leadership({ clock, logger: silentLogger });
  const sentTo: PeerId[] = [];
  const link = new ForwardingLink(
    { self, linkCallsMax: 2, establishWaitMs: 300 },
    {
      clock,
      leadership,
      transport: {
        call: (...[to, , , deadlineMs]) => {
          sentTo.push(to);
          return reply(to, deadlineMs);
        },
      },
    },
  );
  return { link, leadership, clock, sentTo };
}

function follow(leadership: Leadership, leader: number, inTerm = 1): void {
  leadership.update({ role: "follower", leader: peerId(leader), term: term(inTerm) });
}

function lead(leadership: Leadership, inTerm = 1): void {
  leadership.update({ role: "leader", leader: self, term: term(inTerm) });
}

describe("leader link", () => {
  test("waits for a leader, then calls it with what is left of the deadline", async () => {
    const deadlines: number[] = [];
    const { link, leadership, clock, sentTo } = setup((_to, deadlineMs) => {
      deadlines.push(deadlineMs);
      return Promise.resolve(Uint8Array.of(5));
    });
    const call = link.call("a.b", none, 1000);
    await clock.run(400);
    follow(leadership, 2);
    expect([...(await clock.settled(call))]).toEqual([5]);
    expect(sentTo).toEqual([2]);
    expect(deadlines).toEqual([600]);
  });

  test("without a leader it ends definitely at the deadline", async () => {
    const { link, clock } = setup(() => Promise.resolve(none));
    const call = link.call("a.b", none, 1000);
    await expect(clock.settled(call)).rejects.toMatchObject({
      code: "QUORATE_REPLICA_NO_LEADER",
    });
    expect(clock.nowMs()).toBe(1000);
  });

  test("NOT_LEADER and unreachable are tried again until the leader is found", async () => {
    let attempt = 0;
    const { link, leadership, clock, sentTo } = setup(() => {
      attempt += 1;
      if (attempt === 1) return Promise.reject(replicaErrors.NOT_LEADER("not me"));
      if (attempt === 2) return Promise.reject(transportErrors.UNREACHABLE("down"));
      return Promise.resolve(Uint8Array.of(1));
    });
    follow(leadership, 2);
    const call = link.call("a.b", none, 1000);
    await clock.run(1);
    follow(leadership, 3, 2);
    expect([...(await clock.settled(call))]).toEqual([1]);
    expect(sentTo).toEqual([2, 3, 3]);
  });

  test("what may have been executed is never repeated", async () => {
    const { link, leadership, clock, sentTo } = setup(() =>
      Promise.reject(transportErrors.OUTCOME_UNKNOWN("broke")),
    );
    follow(leadership, 2);
    await expect(clock.settled(link.call("a.b", none, 1000))).rejects.toMatchObject({
      code: "QUORATE_REPLICA_OUTCOME_UNKNOWN",
    });
    expect(sentTo).toEqual([2]);
  });

  test("the handler's own error reaches the caller", async () => {
    const { link, leadership, clock } = setup(() =>
      Promise.reject(replicaErrors.MEMBERSHIP_CHANGED("no")),
    );
    follow(leadership, 2);
    await expect(clock.settled(link.call("a.b", none, 1000))).rejects.toMatchObject({
      code: "QUORATE_REPLICA_MEMBERSHIP_CHANGED",
    });
  });

  test("a leader runs it itself, once its term's first entry is applied", async () => {
    const { link, leadership, clock, sentTo } = setup(() => Promise.resolve(none));
    const from: PeerId[] = [];
    link.register("a.b", (_request, context) => {
      from.push(context.from);
      return Promise.resolve(Uint8Array.of(9));
    });
    lead(leadership);
    const own = link.call("a.b", none, 1000);
    const foreign = link.receive(peerId(3), "a.b", none);
    await clock.run(100);
    expect(from).toEqual([]);
    leadership.applied(term(1));
    expect([...(await clock.settled(own))]).toEqual([9]);
    expect([...(await clock.settled(foreign))]).toEqual([9]);
    expect(from.toSorted()).toEqual([noPeer, 3]);
    expect(sentTo).toEqual([]);
  });

  test("one hop: a receiver that does not lead says so at once, one that cannot establish itself soon", async () => {
    const { link, leadership, clock, sentTo } = setup(() => Promise.resolve(none));
    link.register("a.b", () => Promise.resolve(none));
    follow(leadership, 2);
    await expect(link.receive(peerId(3), "a.b", none)).rejects.toMatchObject({
      code: "QUORATE_REPLICA_NOT_LEADER",
    });
    lead(leadership);
    await expect(clock.settled(link.receive(peerId(3), "a.b", none))).rejects.toMatchObject({
      code: "QUORATE_REPLICA_NOT_LEADER",
    });
    expect(clock.nowMs()).toBe(300);
    expect(sentTo).toEqual([]);
  });

  test("a handler that does not end is unknown at the deadline", async () => {
    const { link, leadership, clock } = setup(() => Promise.resolve(none));
    link.register("a.b", () => new Promise(() => undefined));
    lead(leadership);
    leadership.applied(term(1));
    await expect(clock.settled(link.call("a.b", none, 100))).rejects.toMatchObject({
      code: "QUORATE_REPLICA_OUTCOME_UNKNOWN",
    });
  });

  test("calls under way are bounded", async () => {
    const { link, clock } = setup(() => Promise.resolve(none));
    const waiting = [link.call("a.b", none, 100), link.call("a.b", none, 100)];
    for (const each of waiting) each.catch(() => undefined);
    await expect(link.call("a.b", none, 100)).rejects.toMatchObject({
      fields: { limit: "linkCallsMax" },
    });
    await clock.run(200);
    await expect(clock.settled(link.call("a.b", none, 100))).rejects.toMatchObject({
      code: "QUORATE_REPLICA_NO_LEADER",
    });
  });

  test("a name is registered once", () => {
    const { link } = setup(() => Promise.resolve(none));
    link.register("a.b", () => Promise.resolve(none));
    expect(() => link.register("a.b", () => Promise.resolve(none))).toThrow("twice");
    expect(() => link.registerPeerCall("a.b", () => Promise.resolve(none))).toThrow("twice");
  });
});

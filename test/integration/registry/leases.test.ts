import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toHex } from "../../../src/base/bytes.ts";
import { expiryWaitMs } from "../../../src/registry/lease-table.ts";
import { by, Fleet, Holder, jobSpec, leaseMs, type Site } from "../support/services.ts";

let fleet: Fleet;
let leader: Site;
let follower: Site;

beforeEach(async () => {
  fleet = await new Fleet({ size: 3 }).found();
  leader = await fleet.leader();
  follower = fleet.followers(leader)[0]!;
});
afterEach(() => fleet.stop());

const holder = (): Promise<Holder> => new Holder(fleet, follower.serverId).register(follower);

async function submit(name = "job"): Promise<string> {
  const request = { namespace: "default", name, spec: jobSpec() };
  return (await fleet.settled(leader.services.jobs.submit(request, by))).jobId;
}

/** The row once `owner` has the job. */
async function assigned(jobId: string, owner: string): Promise<number> {
  const { state } = leader.services.replica;
  const row = () => state.assignment(jobId)!;
  await fleet.until(`${jobId} is assigned to ${owner}`, () => {
    const { assignment } = row();
    return assignment.state === "assigned" && assignment.owner.serverId === owner;
  });
  return row().epoch;
}

describe("registration", () => {
  test("through any server gives a session whose number is its place in the log", async () => {
    const { session } = await holder();
    const row = leader.services.replica.state.session(session);
    expect(row).toMatchObject({ serverId: follower.serverId, leaseMs, state: "active" });
    expect(row?.createdRevision).toBe(session);
  });

  test("never ends an older session of the same server", async () => {
    const first = await holder();
    const second = await holder();
    expect(second.session).toBeGreaterThan(first.session);
    const { state } = leader.services.replica;
    expect(state.session(first.session)?.state).toBe("active");
    expect(state.activeSession(follower.serverId)?.session).toBe(second.session);
  });

  const request = {
    serverId: "s1",
    incarnation: "0000000000000001",
    leaseMs,
    key: new Uint8Array(32),
    capacity: 1,
  };
  test.each([
    ["of a server that is no member", { serverId: "s9" }, "QUORATE_REGISTRY_UNKNOWN_SERVER"],
    ["of another data directory", { incarnation: "ffff" }, "QUORATE_REGISTRY_UNKNOWN_SERVER"],
    [
      "with a lease that no election leaves alone",
      { leaseMs: 500 },
      "QUORATE_REGISTRY_UNSAFE_LEASE",
    ],
    ["with a short key", { key: new Uint8Array(16) }, "QUORATE_STATE_VALUE_INVALID"],
  ])("%s is refused", async (_what, change, code) => {
    const answer = follower.services.leases.register({ ...request, ...change }, by);
    await expect(fleet.settled(answer)).rejects.toMatchObject({ code });
  });
});

describe("a renewal", () => {
  test("is acknowledged through any server, with the term and all members' doors", async () => {
    const sentinel = await holder();
    const { term } = leader.services.replica.status();
    const servers = ["s1:7470", "s2:7470", "s3:7470"];
    for (const via of fleet.running()) {
      expect(await sentinel.renew(via)).toEqual({ alive: true, confirmed: [], term, servers });
    }
  });

  test("is refused when its signature is not that of the session's key over these bytes", async () => {
    const sentinel = await holder();
    const { body, signature } = sentinel.message();
    const forged = Uint8Array.from(body);
    forged[forged.length - 3]! ^= 1;
    const wrong = [
      [body, toHex(new Uint8Array(32))],
      [body, signature.slice(2)],
      [body, ""],
      [Buffer.from(`${Buffer.from(body).toString()} `), signature],
    ] as const;
    for (const [said, signed] of wrong) {
      const answer = follower.services.leases.renew(said, signed, by);
      await expect(fleet.settled(answer)).rejects.toMatchObject({
        code: "QUORATE_REGISTRY_BAD_SIGNATURE",
      });
    }
  });

  test("that was seen already, or is older, is refused", async () => {
    const sentinel = await holder();
    const older = sentinel.message();
    const newer = sentinel.message();
    await fleet.settled(leader.services.leases.renew(newer.body, newer.signature, by));
    for (const { body, signature } of [older, newer]) {
      const again = follower.services.leases.renew(body, signature, by);
      await expect(fleet.settled(again)).rejects.toMatchObject({
        code: "QUORATE_REGISTRY_OLD_COUNTER",
      });
    }
  });

  test.each([
    ["no JSON", "{"],
    ["no object", "7"],
    ["another form", '{"session":1}'],
    [
      "a number beyond 2^53",
      '{"session":1e300,"counter":1,"running":[],"released":[],"sealed":false}',
    ],
  ])("with %s is refused as such", async (_what, body) => {
    const answer = follower.services.leases.renew(Buffer.from(body), "00", by);
    await expect(fleet.settled(answer)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_BAD_HELLO",
    });
  });

  test("of a session that was never registered is answered with its end", async () => {
    const sentinel = await holder();
    expect(await sentinel.renew(follower, { session: 999_999 })).toMatchObject({ alive: false });
  });

  test("is never answered by a leader that cannot reach a majority, whatever it believes", async () => {
    const known = await holder();
    const others = fleet.running().filter((site) => site !== leader);
    const addresses = others.map(({ profile }) => profile.peerAddress);
    fleet.network.partition([leader.profile.peerAddress], addresses);
    const later = known.message({ session: 999_999 });
    const answers = [known.message(), later].map(({ body, signature }) =>
      leader.services.leases.renew(body, signature, { actor: "test", deadlineMs: 250 }),
    );
    const outcomes = await fleet.settled(Promise.allSettled(answers));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    fleet.network.heal();
  });
});

describe("the end of a session", () => {
  test("comes by the leader's table when nobody renews, and not before its wait", async () => {
    const sentinel = await holder();
    const { state } = leader.services.replica;
    await sentinel.renew(leader);
    await fleet.clock.run(expiryWaitMs(leaseMs) - 100);
    expect(state.session(sentinel.session)?.state).toBe("active");
    await fleet.until("expired", () => state.session(sentinel.session)?.state === "ended", 400);
    expect(state.session(sentinel.session)?.endReason).toBe("expired");
    expect(await sentinel.renew(follower)).toMatchObject({ alive: false });
  });

  test("once proposed allows neither an acknowledgement nor the word that it is over", async () => {
    const sentinel = await holder();
    await sentinel.renew(leader);
    const { replica, leases } = leader.services;
    const propose = replica.propose.bind(replica);
    replica.propose = (command, options) =>
      command.kind === "apply-plan" ? new Promise(() => undefined) : propose(command, options);
    const { peerId } = leader.services.replica.status();
    await fleet.clock.run(expiryWaitMs(leaseMs) + 100);
    expect(replica.status().leader).toBe(peerId);
    const { body, signature } = sentinel.message();
    await expect(fleet.settled(leases.renew(body, signature, by))).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_SESSION_ENDING",
      kind: "unavailable",
    });
    replica.propose = propose;
  });

  /** `happens` between the arrival of the next renewal and the majority's word that this server leads. */
  function duringTheRound(happens: () => Promise<void>): void {
    const { replica } = leader.services;
    const confirm = replica.confirmLeadership.bind(replica);
    replica.confirmLeadership = async (deadlineMs) => {
      replica.confirmLeadership = confirm;
      await confirm(deadlineMs);
      await happens();
    };
  }

  test("that is proposed while a renewal is under way refuses that one, too", async () => {
    const sentinel = await holder();
    const { replica } = leader.services;
    const propose = replica.propose.bind(replica);
    let proposed: () => void = () => undefined;
    const isProposed = new Promise<void>((resolve) => {
      proposed = resolve;
    });
    replica.propose = (command, options) => {
      if (command.kind !== "apply-plan" || command.expire.length === 0)
        return propose(command, options);
      proposed();
      return new Promise(() => undefined);
    };
    duringTheRound(() => isProposed);
    const { body, signature } = sentinel.message();
    const late = { actor: "test", deadlineMs: 10_000 };
    await expect(
      fleet.settled(leader.services.leases.renew(body, signature, late)),
    ).rejects.toMatchObject({ code: "QUORATE_REGISTRY_SESSION_ENDING" });
    replica.propose = propose;
  });

  test("that comes about while a renewal is under way is told, not renewed", async () => {
    const sentinel = await holder();
    const { session } = sentinel;
    const { replica } = leader.services;
    duringTheRound(async () => {
      await replica.propose({ kind: "end-session", session, reason: "test" }, by);
    });
    expect(await sentinel.renew(leader)).toMatchObject({ alive: false });
  });

  test("survives a change of leader: the new one waits a whole lease", async () => {
    const sentinel = await holder();
    await sentinel.renew(leader);
    await fleet.clock.run(2500);
    const transfer = leader.services.replica.transferLeadership(0 as never, 2000);
    await fleet.settled(transfer);
    const next = await fleet.leader();
    await fleet.clock.run(2500);
    expect(next.services.replica.state.session(sentinel.session)?.state).toBe("active");
    expect(await sentinel.renew(next)).toMatchObject({ alive: true });
  });
});

describe("a release", () => {
  test("frees exactly the epoch that it names, and is confirmed until it is known", async () => {
    const sentinel = await holder();
    const jobId = await submit();
    const epoch = await assigned(jobId, follower.serverId);
    const stop = { job: jobId, desired: "stopped", reason: "test" } as const;
    await fleet.settled(leader.services.jobs.setDesired(stop, by));
    const stale = await sentinel.renew(follower, { released: [{ jobId, epoch: epoch - 1 }] });
    expect(stale).toMatchObject({ alive: true, confirmed: [{ jobId, epoch: epoch - 1 }] });
    const { state } = leader.services.replica;
    expect(state.assignment(jobId)?.assignment.state).toBe("revoking");
    const released = { released: [{ jobId, epoch }] };
    for (let i = 0; i < 2; i += 1) {
      expect(await sentinel.renew(follower, released)).toMatchObject({
        alive: true,
        confirmed: [{ jobId, epoch }],
      });
      expect(state.assignment(jobId)?.assignment.state).toBe("stopped");
    }
  });

  test("of a running job places it again under the next epoch", async () => {
    const sentinel = await holder();
    const jobId = await submit();
    const epoch = await assigned(jobId, follower.serverId);
    await sentinel.renew(follower, { released: [{ jobId, epoch }] });
    const next = leader.services.replica.state;
    await fleet.until("assigned again", () => next.assignment(jobId)?.epoch === epoch + 1);
  });
});

describe("a goodbye", () => {
  test("ends the session at once when nothing runs, and its jobs go elsewhere", async () => {
    const leaving = await holder();
    const jobId = await submit();
    await assigned(jobId, follower.serverId);
    const other = fleet.running().find((site) => site !== follower)!;
    const staying = (await new Holder(fleet, other.serverId).register(leader)).beat();
    const atMs = fleet.clock.nowMs();
    expect(await leaving.renew(follower, { sealed: true })).toMatchObject({ alive: false });
    await assigned(jobId, other.serverId);
    expect(fleet.clock.nowMs() - atMs).toBeLessThan(500);
    const row = leader.services.replica.state.session(leaving.session);
    expect(row).toMatchObject({ state: "ended", endReason: "exit-proof" });
    staying.silence();
  });

  test("does not count while something runs", async () => {
    const sentinel = await holder();
    const jobId = await submit();
    const epoch = await assigned(jobId, follower.serverId);
    const running = [{ jobId, epoch }];
    expect(await sentinel.renew(follower, { sealed: true, running })).toMatchObject({
      alive: true,
    });
    expect(leader.services.replica.state.session(sentinel.session)?.state).toBe("active");
  });
});

describe("a server that was taken out of the cluster", () => {
  async function removed(): Promise<Holder> {
    const sentinel = await holder();
    await sentinel.renew(leader);
    const request = { serverId: follower.serverId };
    await fleet.settled(leader.services.members.remove(request, by));
    return sentinel;
  }

  test("is not renewed any more, and its jobs go elsewhere when its lease is over", async () => {
    const sentinel = await holder();
    const jobId = await submit();
    await assigned(jobId, follower.serverId);
    await fleet.settled(leader.services.members.remove({ serverId: follower.serverId }, by));
    const other = (await new Holder(fleet, leader.serverId).register(leader)).beat();
    await expect(sentinel.renew(leader)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_SERVER_REMOVED",
    });
    const { state } = leader.services.replica;
    expect(state.session(sentinel.session)?.state).toBe("active");
    await assigned(jobId, leader.serverId);
    expect(state.session(sentinel.session)?.endReason).toBe("expired");
    other.silence();
  });

  test("may still give jobs back, and say goodbye", async () => {
    const sentinel = await holder();
    const jobId = await submit();
    const epoch = await assigned(jobId, follower.serverId);
    await fleet.settled(leader.services.members.remove({ serverId: follower.serverId }, by));
    const released = { released: [{ jobId, epoch }] };
    await expect(sentinel.renew(leader, released)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_SERVER_REMOVED",
    });
    const { state } = leader.services.replica;
    expect(state.assignment(jobId)?.assignment.state).toBe("pending");
    expect(await sentinel.renew(leader, { sealed: true })).toMatchObject({ alive: false });
    expect(state.session(sentinel.session)?.endReason).toBe("exit-proof");
  });

  test("is not registered again", async () => {
    await removed();
    await expect(new Holder(fleet, follower.serverId).register(leader)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_UNKNOWN_SERVER",
    });
  });
});

test("a server that says goodbye gets nothing new, even while something runs", async () => {
  const leaving = await holder();
  const jobId = await submit();
  const epoch = await assigned(jobId, follower.serverId);
  const running = [{ jobId, epoch }];
  await leaving.renew(leader, { sealed: true, running });
  const { serverId } = leader;
  const other = (await new Holder(fleet, serverId).register(leader)).beat();
  const next = await submit("next");
  await assigned(next, serverId);
  expect(leader.services.replica.state.assignment(jobId)?.assignment.state).toBe("assigned");
  other.silence();
});

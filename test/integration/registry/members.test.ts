import { afterEach, describe, expect, test } from "vitest";
import type { PeerId, Revision } from "../../../src/base/numbers.ts";
import type { MembershipOutcome } from "../../../src/registry/contract.ts";
import {
  type Admission,
  decodeHelloAnswer,
  encodeHelloRequest,
  type HelloAnswer,
} from "../../../src/registry/hello.ts";
import type { UploadRequest } from "../../../src/resources/contract.ts";
import type { ServerProfile } from "../../../src/state/rows.ts";
import { by, Fleet, holdersOf, type Site, serverProfile } from "../support/services.ts";

let fleet: Fleet;
afterEach(() => fleet.stop());

async function found(size: number): Promise<Site> {
  fleet = await new Fleet({ size }).found();
  return await fleet.leader();
}

/** What the empty server `profile` is told when it asks `to` to be admitted. */
async function askToJoin(profile: ServerProfile, to: Site, awaitAdd = false): Promise<HelloAnswer> {
  const request = encodeHelloRequest({ kind: "join", profile, awaitAdd });
  const from = fleet.site(1).transport;
  const address = to.profile.peerAddress;
  if (to === fleet.site(1)) return decodeHelloAnswer(await hello(fleet.site(2), address, request));
  return decodeHelloAnswer(await fleet.settled(from.hello(address, request, 4000)));
}

function hello(from: Site, address: string, request: Uint8Array): Promise<Uint8Array> {
  return fleet.settled(from.transport.hello(address, request, 4000));
}

function admission(answer: HelloAnswer): Admission {
  if (answer.kind !== "admitted") throw new Error(JSON.stringify(answer));
  return answer.admission;
}

/** Adds server `id` as a learner that has the whole log. */
async function learner(id: number): Promise<Site> {
  const leader = await fleet.leader();
  const profile = await fleet.empty(id);
  await fleet.settled(leader.services.members.add({ peerAddress: profile.peerAddress }, by));
  const site = await fleet.join(profile, leader.services.members.admissionOf(profile)!);
  await fleet.converged();
  return site;
}

function change(
  verb: "promote" | "remove" | "transferLeadership",
  serverId: string,
  via: Site,
): Promise<MembershipOutcome> {
  return fleet.settled(via.services.members[verb]({ serverId }, by));
}

describe("adding a server", () => {
  test("makes the empty server at an address a learner, through any server", async () => {
    const leader = await found(3);
    const via = fleet.followers(leader)[0]!;
    const profile = await fleet.empty(4);
    const outcome = await fleet.settled(
      via.services.members.add({ peerAddress: profile.peerAddress }, by),
    );
    expect(outcome).toMatchObject({ serverId: "s4", peerId: 4, text: "added as learner" });
    expect(leader.services.replica.state.server("s4")).toMatchObject({ role: "learner", profile });
  });

  test("is idempotent for the same data directory", async () => {
    const leader = await found(3);
    const { peerAddress } = await fleet.empty(4);
    for (let i = 0; i < 2; i += 1) {
      const outcome = await fleet.settled(leader.services.members.add({ peerAddress }, by));
      expect(outcome.peerId).toBe(4);
    }
    const { state } = leader.services.replica;
    expect(state.membership.learners).toEqual([4]);
    const again = fleet.site(2).profile.peerAddress;
    const outcome = await fleet.settled(leader.services.members.add({ peerAddress: again }, by));
    expect(outcome).toMatchObject({ serverId: "s2", text: "is a member already" });
  });

  test("is refused when nobody answers, or somebody who belongs elsewhere", async () => {
    const leader = await found(3);
    const { members } = leader.services;
    const nobody = members.add({ peerAddress: "nobody:1" }, by);
    await expect(fleet.settled(nobody)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_ADDRESS_SILENT",
      // A client repeats what is only unavailable, until its time is up.
      kind: "precondition",
      fields: { address: "nobody:1" },
    });
  });

  test("at an address that swallows the question is refused before the caller gives up", async () => {
    const leader = await found(3);
    const { members } = leader.services;
    const { peerAddress } = await fleet.empty(4);
    leader.transport.hello = (_address, _request, deadlineMs) =>
      new Promise((_resolve, reject) => {
        fleet.clock.after(deadlineMs, () => {
          reject(new Error("no answer"));
        });
      });
    for (const deadlineMs of [300, 60_000]) {
      const sinceMs = fleet.clock.nowMs();
      const add = members.add({ peerAddress }, { actor: "test", deadlineMs });
      await expect(fleet.settled(add)).rejects.toMatchObject({
        code: "QUORATE_REGISTRY_ADDRESS_SILENT",
      });
      expect(fleet.clock.nowMs() - sinceMs).toBeLessThan(Math.min(deadlineMs, 2500));
    }
    expect(leader.services.replica.state.servers()).toHaveLength(3);
  });

  test("under an id that a member has is refused", async () => {
    const leader = await found(3);
    const { peerAddress } = await fleet.empty(4, { serverId: "s2" });
    const answer = leader.services.members.add({ peerAddress }, by);
    await expect(fleet.settled(answer)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_SERVER_ID_TAKEN",
    });
    expect(leader.services.replica.state.servers()).toHaveLength(3);
  });

  test("of several at once gives each a peer id of its own", async () => {
    const leader = await found(3);
    const profiles = [serverProfile(4), serverProfile(5), serverProfile(6)];
    const answers = await fleet.settled(
      Promise.allSettled(profiles.map((profile) => leader.services.members.join({ profile }, by))),
    );
    const refused = answers.filter(({ status }) => status === "rejected");
    for (const each of refused as PromiseRejectedResult[]) {
      expect(each.reason).toMatchObject({ code: "QUORATE_REGISTRY_CHANGE_UNDER_WAY" });
    }
    expect(refused.length).toBeLessThan(3);
    for (const profile of profiles)
      await fleet.settled(leader.services.members.join({ profile }, by));
    const rows = leader.services.replica.state.servers();
    expect(rows.map(({ profile, peerId }) => [profile.serverId, peerId])).toHaveLength(6);
    expect(new Set(rows.map(({ peerId }) => peerId))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
    expect([...leader.services.replica.state.membership.learners].sort()).toEqual([4, 5, 6]);
  });
});

test("a change holds only for the membership that it was judged by", async () => {
  const leader = await found(3);
  const { replica, members } = leader.services;
  const { proposeMembership } = replica;
  // Somebody else is quicker: another server has the peer id by the time of the proposal.
  replica.proposeMembership = async (request, options) => {
    replica.proposeMembership = proposeMembership;
    await members.join({ profile: serverProfile(5) }, by);
    return await replica.proposeMembership(request, options);
  };
  await expect(
    fleet.settled(members.join({ profile: serverProfile(4) }, by)),
  ).rejects.toMatchObject({
    code: "QUORATE_REGISTRY_CHANGE_UNDER_WAY",
    kind: "conflict",
  });
  expect(replica.state.server("s4")).toBeUndefined();
  expect((await fleet.settled(members.join({ profile: serverProfile(4) }, by))).peerId).toBe(5);
});

describe("a server that asks to join", () => {
  test("is admitted by any member, with the addresses of all", async () => {
    const leader = await found(3);
    const profile = serverProfile(4);
    const answer = admission(await askToJoin(profile, fleet.followers(leader)[0]!));
    expect(answer).toMatchObject({ clusterId: "c", generation: 1, peerId: 4 });
    expect(answer.members.map(({ peerAddress }) => peerAddress).slice(0, 3)).toEqual([
      "s1:7000",
      "s2:7000",
      "s3:7000",
    ]);
  });

  test("gets the same answer again", async () => {
    const leader = await found(3);
    const profile = serverProfile(4);
    const first = admission(await askToJoin(profile, leader));
    const second = admission(await askToJoin(profile, fleet.followers(leader)[0]!));
    expect(second.peerId).toBe(first.peerId);
  });

  test("and waits for an operator is admitted once one has added it", async () => {
    const leader = await found(3);
    const profile = await fleet.empty(4);
    expect(await askToJoin(profile, leader, true)).toMatchObject({
      kind: "refused",
      temporary: true,
    });
    expect(leader.services.replica.state.server("s4")).toBeUndefined();
    const { peerAddress } = profile;
    await fleet.settled(leader.services.members.add({ peerAddress }, by));
    expect(admission(await askToJoin(profile, leader, true)).peerId).toBe(4);
  });

  test("under a taken id is refused for good, during another change only for now", async () => {
    const leader = await found(3);
    const twin = serverProfile(2, { incarnation: "ffffffffffffffff" });
    expect(await askToJoin(twin, leader)).toMatchObject({
      kind: "refused",
      code: "QUORATE_REGISTRY_SERVER_ID_TAKEN",
      temporary: false,
    });
    const { replica } = leader.services;
    const { proposeMembership } = replica;
    const fresh = serverProfile(4);
    // The membership changes between the decision and the proposal.
    replica.proposeMembership = (request, options) =>
      proposeMembership.call(replica, { ...request, ifRevision: 1 as Revision }, options);
    expect(await askToJoin(fresh, leader)).toMatchObject({
      kind: "refused",
      code: "QUORATE_REGISTRY_CHANGE_UNDER_WAY",
      temporary: true,
    });
    replica.proposeMembership = proposeMembership;
    expect((await askToJoin(fresh, leader)).kind).toBe("admitted");
  });
});

describe("a member that came back with other addresses", () => {
  const moved = async (
    profile: ServerProfile,
    clusterId: string,
    to: Site,
  ): Promise<HelloAnswer> => {
    const request = encodeHelloRequest({ kind: "moved", clusterId, profile });
    const from = to === fleet.site(1) ? fleet.site(2) : fleet.site(1);
    return decodeHelloAnswer(await hello(from, to.profile.peerAddress, request));
  };

  test("tells any member, and its record follows", async () => {
    const leader = await found(3);
    const via = fleet.followers(leader)[0]!;
    const profile = { ...leader.profile, peerAddress: leader.profile.peerAddress, zone: "b" };
    expect(await moved(profile, "c", via)).toEqual({ kind: "noted" });
    expect(leader.services.replica.state.server(leader.serverId)?.profile.zone).toBe("b");
  });

  test("is heard also by one that was just started and has not read its log yet", async () => {
    const leader = await found(3);
    const via = fleet.followers(leader)[0]!;
    const { replica } = via.services;
    const { state } = replica;
    const server = state.server.bind(state);
    const barrier = replica.barrier.bind(replica);
    state.server = () => undefined;
    replica.barrier = async (deadlineMs) => {
      const revision = await barrier(deadlineMs);
      state.server = server;
      return revision;
    };
    expect(await moved({ ...leader.profile, zone: "b" }, "c", via)).toEqual({ kind: "noted" });
  });

  test("is heard also by one that has nobody to write it down, and reached there", async () => {
    const leader = await found(3);
    const [elsewhere, hears] = fleet.followers(leader) as [Site, Site];
    await fleet.crash(leader);
    await fleet.crash(elsewhere);
    Object.assign(elsewhere.profile, { peerAddress: "elsewhere:7000" });
    await fleet.restart(elsewhere);
    await fleet.clock.run(3000);
    expect(hears.services.replica.status().leader).toBe(0);
    const tell = moved(elsewhere.profile, "c", hears);
    expect(await tell).toEqual({ kind: "noted" });
    await fleet.leader();
  });

  test("is refused in another cluster, or when somebody else has its name", async () => {
    const leader = await found(3);
    expect(await moved(leader.profile, "other", leader)).toMatchObject({
      kind: "refused",
      temporary: false,
    });
    const stranger = { ...leader.profile, incarnation: "dddd" };
    expect(await moved(stranger, "c", leader)).toMatchObject({
      kind: "refused",
      code: "QUORATE_REGISTRY_SUPERSEDED",
      temporary: false,
    });
    expect(await moved(serverProfile(9), "c", leader)).toMatchObject({
      kind: "refused",
      code: "QUORATE_REGISTRY_UNKNOWN_SERVER",
    });
  });
});

describe("a member that hears of no leader", () => {
  const belongs = async (
    server: Pick<ServerProfile, "serverId" | "incarnation">,
    to: Site,
    clusterId = "c",
  ): Promise<HelloAnswer> => {
    const { serverId, incarnation } = server;
    const request = encodeHelloRequest({ kind: "belongs", clusterId, serverId, incarnation });
    const from = fleet.running().find((site) => site !== to) ?? to;
    const { peerAddress } = to.profile;
    return decodeHelloAnswer(await fleet.settled(from.transport.hello(peerAddress, request, 5000)));
  };
  const removed = { kind: "refused", code: "QUORATE_REGISTRY_SERVER_REMOVED", temporary: false };

  test("is told by any other that it is one still, or that it was removed", async () => {
    const leader = await found(3);
    const [gone, via] = fleet.followers(leader) as [Site, Site];
    expect(await belongs(gone.profile, via)).toEqual({ kind: "noted" });
    await change("remove", gone.serverId, leader);
    for (const to of [leader, via]) expect(await belongs(gone.profile, to)).toMatchObject(removed);
  });

  /** Takes the place of a server that is gone, under its id and with another data directory. */
  async function successorOf({ id }: Site, leader: Site): Promise<[ServerProfile, Admission]> {
    const profile = await fleet.empty(id, { incarnation: "eeeeeeeeeeeeeeee" });
    const admitted = await fleet.settled(leader.services.members.join({ profile }, by));
    return [profile, admitted];
  }

  test("is told so also when another one runs under its name by now", async () => {
    const leader = await found(3);
    const [gone, via] = fleet.followers(leader) as [Site, Site];
    await change("remove", gone.serverId, leader);
    await fleet.crash(gone);
    const [successor, admitted] = await successorOf(gone, leader);
    await fleet.join(successor, admitted);
    for (const to of [leader, via]) expect(await belongs(gone.profile, to)).toMatchObject(removed);
    expect(await belongs(successor, leader)).toEqual({ kind: "noted" });
  });

  test("is told that it is an old copy when its server was admitted anew since, and does not run", async () => {
    const leader = await found(3);
    const [lost, via] = fleet.followers(leader) as [Site, Site];
    await fleet.crash(lost);
    await successorOf(lost, leader);
    for (const to of [leader, via]) {
      expect(await belongs(lost.profile, to)).toMatchObject({
        kind: "refused",
        code: "QUORATE_REGISTRY_SUPERSEDED",
        temporary: false,
      });
    }
  });

  test("is told nothing by a minority, which may not know", async () => {
    const leader = await found(3);
    const [gone, via] = fleet.followers(leader) as [Site, Site];
    await change("remove", gone.serverId, leader);
    await fleet.converged();
    await fleet.crash(leader);
    expect(await belongs(gone.profile, via)).toMatchObject({ kind: "refused", temporary: true });
  });

  test("is told nothing final by another cluster, or about a name that never was", async () => {
    const leader = await found(3);
    expect(await belongs(leader.profile, fleet.followers(leader)[0]!, "other")).toMatchObject({
      kind: "refused",
      code: "",
    });
    expect(await belongs(serverProfile(9), leader)).toMatchObject({
      kind: "refused",
      code: "QUORATE_REGISTRY_UNKNOWN_SERVER",
    });
  });
});

describe("promotion", () => {
  test("makes a caught-up learner a voter, once", async () => {
    const leader = await found(3);
    await learner(4);
    const via = fleet.followers(leader)[0]!;
    expect(await change("promote", "s4", via)).toMatchObject({ text: "promoted to voter" });
    expect(leader.services.replica.state.membership.voters).toEqual([1, 2, 3, 4]);
    expect(await change("promote", "s4", via)).toMatchObject({ text: "is a voter already" });
  });

  test("of a learner that has not the log is refused", async () => {
    const leader = await found(3);
    const { peerAddress } = await fleet.empty(4);
    await fleet.settled(leader.services.members.add({ peerAddress }, by));
    await expect(change("promote", "s4", leader)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_NOT_CAUGHT_UP",
    });
  });

  test("of a learner that lacks bytes of a resource is refused", async () => {
    const leader = await found(3);
    const joined = await learner(4);
    const { resources } = joined.services;
    resources.lackingChunks = () => 3;
    await expect(change("promote", "s4", leader)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_NOT_CAUGHT_UP",
      fields: { lacking: 3 },
    });
    resources.lackingChunks = () => 0;
    await change("promote", "s4", leader);
  });

  test("of nobody is refused", async () => {
    const leader = await found(3);
    await expect(change("promote", "s9", leader)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_UNKNOWN_SERVER",
    });
  });
});

describe("removal", () => {
  test("takes a server out, and its id is free for a new one under a new peer id", async () => {
    const leader = await found(3);
    const gone = fleet.followers(leader)[0]!;
    await change("remove", gone.serverId, leader);
    expect(leader.services.replica.state.membership.voters).not.toContain(gone.id);
    await expect(change("remove", gone.serverId, leader)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_UNKNOWN_SERVER",
    });
    await fleet.crash(gone);
    const again = await fleet.empty(gone.id, { incarnation: "eeeeeeeeeeeeeeee" });
    const { peerAddress } = again;
    const outcome = await fleet.settled(leader.services.members.add({ peerAddress }, by));
    expect(outcome).toMatchObject({ serverId: gone.serverId, peerId: 4 });
  });

  test("is refused when the rest would have no majority that answers", async () => {
    const leader = await found(3);
    const [dead, alive] = fleet.followers(leader) as [Site, Site];
    await fleet.crash(dead);
    await fleet.until(
      "its silence is noticed",
      () => !leader.services.members.answering().has(dead.id as PeerId),
    );
    await expect(change("remove", alive.serverId, leader)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_WOULD_LOSE_QUORUM",
      fields: { active: 1, needed: 2 },
    });
    expect(await change("remove", dead.serverId, alive)).toMatchObject({ text: "removed" });
  });

  test("is refused while the rest would not hold all bytes of the resources", async () => {
    const leader = await found(3);
    const [gone, stays] = fleet.followers(leader) as [Site, Site];
    const request: UploadRequest = {
      ...{ namespace: "default", name: "app.jar", kind: "jar", note: "" },
      ...{ sizeBytes: -1, digest: "" },
    };
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(new Uint8Array(1000).fill(1));
    }
    await fleet.settled(leader.services.resources.upload(request, bytes(), by));
    stays.services.resources.lackingChunks = () => 1;
    await expect(change("remove", gone.serverId, leader)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_WOULD_LOSE_BYTES",
      kind: "precondition",
      fields: { complete: 1, needed: 2 },
    });
    expect(leader.services.replica.state.membership.voters).toHaveLength(3);
    // One that is gone itself holds nothing back; a learner was never counted.
    stays.services.resources.lackingChunks = () => 0;
    await change("remove", gone.serverId, leader);
    expect(leader.services.replica.state.membership.voters).toHaveLength(2);
  });

  test("holds only for the membership that it was judged by", async () => {
    const leader = await found(3);
    const [gone, stays] = fleet.followers(leader) as [Site, Site];
    leader.services.replica.state.liveDigests = () => ["d"];
    leader.services.resources.lackingChunks = () => 0;
    const { replica, resources } = stays.services;
    resources.lackingChunks = () => 0;
    const barrier = replica.barrier.bind(replica);
    // Somebody else is quicker: the membership changes while the bytes are being counted.
    replica.barrier = async (deadlineMs) => {
      replica.barrier = barrier;
      await leader.services.members.join({ profile: serverProfile(5) }, by);
      return await barrier(deadlineMs);
    };
    await expect(change("remove", gone.serverId, leader)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_CHANGE_UNDER_WAY",
    });
    await change("remove", gone.serverId, leader);
  });

  test("counts as complete only who says so, by what is committed now", async () => {
    const leader = await found(3);
    const [gone, stays] = fleet.followers(leader) as [Site, Site];
    const { state } = leader.services.replica;
    state.liveDigests = () => ["d"];
    const { replica, resources } = stays.services;
    const order: string[] = [];
    const barrier = replica.barrier.bind(replica);
    replica.barrier = async (deadlineMs) => {
      order.push("barrier");
      return await barrier(deadlineMs);
    };
    leader.services.resources.lackingChunks = () => 0;
    resources.lackingChunks = () => {
      order.push("count");
      return 0;
    };
    await change("remove", gone.serverId, leader);
    expect(order.slice(-2)).toEqual(["barrier", "count"]);
  });

  test("of the last voter is refused", async () => {
    const leader = await found(1);
    await expect(change("remove", "s1", leader)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_WOULD_LOSE_QUORUM",
    });
  });

  test("of the leader is answered by its successor", async () => {
    const leader = await found(3);
    const via = fleet.followers(leader)[0]!;
    // It leaves the moment its removal is known, as a server does that is told.
    for (const { services } of fleet.followers(leader)) {
      const { replica } = services;
      replica.watch.subscribe(["servers"], () => {
        const row = replica.state.server(leader.serverId);
        if (row?.role === "removed" && leader.running) void fleet.crash(leader);
      });
    }
    expect(await change("remove", leader.serverId, via)).toMatchObject({ text: "removed" });
  });

  test("of the leader hands leadership over first", async () => {
    const leader = await found(3);
    expect(await change("remove", leader.serverId, leader)).toMatchObject({ text: "removed" });
    const rest = fleet.followers(leader);
    await fleet.until("the rest leads itself", () =>
      rest.some(({ services }) => services.replica.status().role === "leader"),
    );
    const next = rest.find(({ services }) => services.replica.status().role === "leader")!;
    expect(next.services.replica.state.server(leader.serverId)?.role).toBe("removed");
    expect(next.services.replica.state.membership.voters).toHaveLength(2);
  });
});

describe("leadership", () => {
  test("goes to a named voter, and stays where it is when it is there", async () => {
    const leader = await found(3);
    const [target] = fleet.followers(leader) as [Site];
    await change("transferLeadership", target.serverId, target);
    expect((await fleet.leader()).serverId).toBe(target.serverId);
    const { term } = target.services.replica.status();
    await change("transferLeadership", target.serverId, leader);
    expect(target.services.replica.status().term).toBe(term);
  });

  test("never goes to a learner", async () => {
    const leader = await found(3);
    await learner(4);
    await expect(change("transferLeadership", "s4", leader)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_WRONG_ROLE",
    });
  });
});

describe("the list", () => {
  test("shows roles, sessions, the leader and its word on liveness, from any server", async () => {
    const leader = await found(3);
    const holders = await holdersOf(fleet);
    await fleet.clock.run(100);
    await fleet.converged();
    for (const via of fleet.running()) {
      const views = await fleet.settled(via.services.members.list(by));
      expect(views.map(({ row, liveness }) => [row.profile.serverId, liveness])).toEqual([
        ["s1", "up"],
        ["s2", "up"],
        ["s3", "up"],
      ]);
      expect(views.filter((view) => view.leader).map(({ row }) => row.peerId)).toEqual([leader.id]);
      expect(views.map(({ session }) => session)).toEqual(
        ["s1", "s2", "s3"].map((id) => holders.get(id)!.session),
      );
    }
    const quiet = fleet.followers(leader)[0]!;
    holders.get(quiet.serverId)!.silence();
    await fleet.clock.run(2500);
    const views = await fleet.settled(leader.services.members.list(by));
    const view = views.find(({ row }) => row.peerId === quiet.id);
    expect(view?.liveness).toBe("suspect");
    for (const holder of holders.values()) holder.silence();
  });

  test("shows a dead server as down, once its lease is over", async () => {
    const leader = await found(3);
    const holders = await holdersOf(fleet);
    const dead = fleet.followers(leader)[0]!;
    holders.get(dead.serverId)!.silence();
    await fleet.crash(dead);
    await fleet.clock.run(4000);
    const views = await fleet.settled(leader.services.members.list(by));
    expect(views.find(({ row }) => row.peerId === dead.id)).toMatchObject({
      liveness: "down",
      session: 0,
    });
    for (const holder of holders.values()) holder.silence();
  });

  test("comes soon also without a leader, with nobody's liveness known", async () => {
    await found(3);
    const [survivor, ...others] = fleet.running() as [Site, Site, Site];
    for (const site of others) await fleet.crash(site);
    await fleet.until("no leader", () => survivor.services.replica.status().leader === 0);
    const views = await fleet.settled(survivor.services.members.list(by), 1500);
    expect(views.map(({ liveness }) => liveness)).toEqual(["unknown", "unknown", "unknown"]);
  });
});

test("operators cordon and release a server", async () => {
  const leader = await found(1);
  const request = { serverId: "s1", admin: "cordoned", reason: "disk" } as const;
  const outcome = await fleet.settled(leader.services.members.setAdminState(request, by));
  expect(outcome.text).toBe("now cordoned");
  expect(leader.services.replica.state.server("s1")).toMatchObject({
    admin: "cordoned",
    reason: "disk",
  });
  const unknown = { ...request, serverId: "s9" };
  await expect(
    fleet.settled(leader.services.members.setAdminState(unknown, by)),
  ).rejects.toMatchObject({ code: "QUORATE_REGISTRY_UNKNOWN_SERVER" });
});

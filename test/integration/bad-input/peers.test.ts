// Peers that are not, or not any more, what the cluster expects, over real gRPC: each is refused by name, counted by
// reason and told once, however often it comes. A peer that is merely not known yet is answered.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import { peerId } from "../../../src/base/numbers.ts";
import { utf8Encode } from "../../../src/base/utf8.ts";
import { systemClock } from "../../../src/server/system/clock.ts";
import type { PeerIdentity } from "../../../src/transport/contract.ts";
import { messagesKey } from "../../../src/transport/grpc/frames.ts";
import { GrpcTransport } from "../../../src/transport/grpc/grpc-transport.ts";
import { paths } from "../../../src/transport/grpc/service.ts";
import { append, Recorder, until } from "../../conformance/transport/support.ts";
import { type Member, RawPeer, refusedSince, Trio, warnings } from "./support.ts";

const times = 1000;
const unknownPeer = peerId(99);
let trio: Trio;
let raw: RawPeer[];

beforeEach(async () => {
  trio = await Trio.start();
  raw = [];
});
afterEach(async () => {
  for (const peer of raw) peer.close();
  await trio.end();
});

function rawPeer(to: Member, identity: PeerIdentity): RawPeer {
  const peer = new RawPeer(to.server.peerAddress, identity, trio.identityOf(to).peerId);
  raw.push(peer);
  return peer;
}

async function expectRefused(
  to: Member,
  identity: PeerIdentity,
  want: { readonly code: string; readonly reason: string },
): Promise<void> {
  const before = to.server.peerStats;
  const received = before.received;
  await trio.during(async () => {
    expect(await rawPeer(to, identity).refusedTimes(paths.control, times)).toEqual([want.code]);
  });
  expect(refusedSince(before, to.server.peerStats)).toEqual({ [want.reason]: times });
  expect(to.server.peerStats.received).toBeGreaterThan(received);
  expect(warnings(to.log, want.code)).toHaveLength(1);
  expect(warnings(to.log, want.code)[0]?.fields["reason"]).toBe(want.reason);
}

describe.each(["leader", "follower"] as const)("at the %s", (which) => {
  const target = (): Member => (which === "leader" ? trio.leader : trio.followers[0]!);

  test("a peer of another cluster", async () => {
    const identity = { ...trio.identityOf(trio.followers[1]!), clusterId: "another" };
    const code = "QUORATE_TRANSPORT_FOREIGN_PEER";
    await expectRefused(target(), identity, { code, reason: "foreign-peer" });
  });

  test("a peer of another generation", async () => {
    const identity = { ...trio.identityOf(trio.followers[1]!), generation: 7 };
    const code = "QUORATE_TRANSPORT_FOREIGN_PEER";
    await expectRefused(target(), identity, { code, reason: "foreign-peer" });
  });
});

test("a server that was removed and runs on", async () => {
  const removed = trio.followers[1]!;
  const identity = trio.identityOf(removed);
  const others = trio.members.filter((member) => member !== removed);
  await trio.leader.server.services!.members.remove(
    { serverId: removed.name },
    { actor: "test", deadlineMs: 10_000 },
  );
  await until(() =>
    others.every((member) => trio.replicaOf(member).state.server(removed.name)?.role === "removed"),
  );
  const code = "QUORATE_TRANSPORT_REMOVED_PEER";
  const [to] = others;
  await trio.before();
  const before = to!.server.peerStats.refusals;
  const codes = await rawPeer(to!, identity).refusedTimes(paths.bulk, times);
  await trio.write("during", "removed");
  expect(codes).toEqual([code]);
  // The server itself tries as well, beside the thousand.
  expect(to!.server.peerStats.refusals["removed-peer"]).toBeGreaterThanOrEqual(times);
  expect({ ...to!.server.peerStats.refusals, "removed-peer": 0 }).toEqual({
    ...before,
    "removed-peer": 0,
  });
  expect(warnings(to!.log, code).filter(({ fields }) => "caller" in fields)).toHaveLength(1);
  expect(warnings(to!.log, code).length).toBeLessThanOrEqual(2);
  await trio.expectUnharmed(others);
});

test("a peer of this cluster that nobody has heard of is answered", async () => {
  const to = trio.leader;
  const identity = { ...trio.identityOf(to), peerId: unknownPeer };
  const seen = new Recorder();
  const transport = new GrpcTransport(
    { listen: "127.0.0.1:0" },
    { clock: systemClock, logger: silentLogger },
  );
  const before = to.server.peerStats;
  const toId = trio.identityOf(to).peerId;
  try {
    await transport.start(seen);
    transport.identify(identity);
    await trio.during(async () => {
      transport.setPeers([{ peerId: toId, address: to.server.peerAddress }]);
      await until(() => seen.count(`up ${String(toId)}`) === 1);
      const address = utf8Encode(transport.address);
      await transport.call(toId, "replica.introduction", address, 5000);
      // Of a term long past: the answer says which one it is now.
      await until(() => {
        transport.send("control", [append(unknownPeer, toId, Uint8Array.of(1))]);
        return seen.messages.length > 0;
      });
      expect(seen.messages[0]).toMatchObject({ from: toId, to: unknownPeer });
    });
    expect(refusedSince(before, to.server.peerStats)).toEqual({});
  } finally {
    await transport.stop();
  }
});

describe("a peer of a newer release", () => {
  const code = "QUORATE_TRANSPORT_MESSAGE_UNKNOWN";
  const bytesField = (field: number, bytes: Uint8Array): Buffer =>
    Buffer.concat([Buffer.from([field * 8 + 2, bytes.length]), bytes]);

  test("kinds and versions of messages are refused and counted, fields are skipped, the stream stays", async () => {
    const to = trio.leader;
    const from = trio.identityOf(trio.followers[0]!).peerId;
    const identity = trio.identityOf(trio.followers[0]!);
    const before = to.server.peerStats;
    const { stream, accepted, ended } = rawPeer(to, identity).open(paths.control);
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    const answers: Buffer[] = [];
    stream.on("data", (answer: Buffer) => answers.push(answer));
    expect(await accepted).toBe(true);
    const toId = trio.identityOf(to).peerId;
    const newKind = Buffer.from([messagesKey, 5, 1, 200, from, toId, 1]);
    const newVersion = Buffer.from([messagesKey, 5, 2, 3, from, toId, 1]);
    const newField = bytesField(15, Buffer.from("what will be"));
    await trio.during(async () => {
      for (let i = 0; i < times / 2; i += 1) {
        stream.write(Buffer.concat([newField, newKind, newVersion]));
      }
      await until(() => to.server.peerStats.refusals["newer-version"] >= times);
      // A call, with a field that this release does not know, is answered all the same.
      const call = Buffer.concat([
        Buffer.from([8, 1]),
        bytesField(2, Buffer.from("registry.from-the-future")),
        bytesField(15, Buffer.from("x")),
      ]);
      stream.write(bytesField(2, call));
      await until(() => answers.length === 1);
    });
    expect(answers[0]?.toString("latin1")).toContain("QUORATE_REPLICA_UNKNOWN_CALL");
    expect(isOver).toBe(false);
    expect(refusedSince(before, to.server.peerStats)).toEqual({ "newer-version": times });
    expect(warnings(to.log, code)).toHaveLength(1);
    expect(warnings(to.log, code)[0]?.fields).toMatchObject({
      peer: from,
      reason: "newer-version",
    });
  });
});

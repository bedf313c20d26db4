// Proposals above the limits: refused at once with the limit's name, whichever server they are given to; what was taken
// before is done, and nothing waits beyond the bound.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KiB, MiB } from "../../../src/base/units.ts";
import type { Replica } from "../../../src/replica/contract.ts";
import { defaultReplicaLimits } from "../../../src/replica/limits.ts";
import type { Command } from "../../../src/state/commands.ts";
import { defaultLimits } from "../../../src/transport/limits.ts";
import { type Member, Trio, warnings } from "./support.ts";

const { proposalsMax, proposalBytesMax, entryBytesMax } = defaultReplicaLimits;
const by = { actor: "test", deadlineMs: 30_000 };
let trio: Trio;

beforeAll(async () => {
  trio = await Trio.start();
});
afterAll(() => trio.end());

function put(key: string, bytes: number): Command {
  return { kind: "kv-put", key, value: new Uint8Array(bytes), condition: { kind: "none" } };
}

interface Refusal {
  readonly code: string;
  readonly kind: string;
  readonly fields: { readonly limit?: string; readonly max?: number };
}

/** All of `commands` in one turn: how many were done, and what the others were told. */
async function submitAll(
  replica: Pick<Replica, "submit">,
  commands: readonly Command[],
): Promise<{ readonly done: number; readonly refusals: readonly Refusal[] }> {
  const outcomes = await Promise.allSettled(commands.map((command) => replica.submit(command, by)));
  const refusals = outcomes.flatMap((outcome) =>
    outcome.status === "rejected" ? [outcome.reason as Refusal] : [],
  );
  return { done: outcomes.length - refusals.length, refusals };
}

const kinds = (refusals: readonly Refusal[]): readonly string[] => [
  ...new Set(refusals.map(({ code, fields }) => `${code} ${fields.limit ?? "no limit"}`)),
];

describe("a proposal that is too large", () => {
  test.each(["leader", "follower"] as const)("for the %s", async (which) => {
    const member: Member = which === "leader" ? trio.leader : trio.followers[0]!;
    const leader = trio.replicaOf(trio.leader);
    const commands = Array.from({ length: 100 }, () => put("too-large", entryBytesMax));
    await trio.during(async () => {
      const submitting = submitAll(trio.replicaOf(member), commands);
      expect(leader.stats().proposalBytes).toBeLessThan(1 * KiB);
      const { done, refusals } = await submitting;
      expect(done).toBe(0);
      // A follower's lane to the leader may be full before the leader has looked at all of them.
      expect(kinds(refusals)).toContain("QUORATE_REPLICA_TOO_LARGE entryBytesMax");
      expect(leader.stats().refused.entryBytesMax).toBeGreaterThan(1);
      expect(warnings(trio.leader.log, "QUORATE_REPLICA_TOO_LARGE")).toHaveLength(1);
      for (const { kind } of refusals) expect(["invalid", "exhausted"]).toContain(kind);
    });
  });

  test("also when no message between servers could carry it", async () => {
    const { refusals } = await submitAll(trio.replicaOf(trio.followers[0]!), [put("x", 5 * MiB)]);
    expect(refusals).toMatchObject([
      { code: "QUORATE_TRANSPORT_MESSAGE_TOO_LARGE", kind: "invalid" },
    ]);
  });
});

/** How often the leader has told that proposals were refused by `limit`. */
function warned(limit: string): number {
  const told = warnings(trio.leader.log, "QUORATE_REPLICA_EXHAUSTED");
  return told.filter(({ fields }) => fields["reason"] === limit).length;
}

describe("too many proposals under way", () => {
  test("by count", async () => {
    const leader = trio.replicaOf(trio.leader);
    const over = 1000;
    const commands = Array.from({ length: proposalsMax + over }, (_, i) =>
      put(`n${String(i % 50)}`, 8),
    );
    await trio.before();
    const submitting = submitAll(leader, commands);
    expect(leader.stats().proposals).toBe(proposalsMax);
    const { done, refusals } = await submitting;
    expect(done).toBe(proposalsMax);
    expect(refusals).toHaveLength(over);
    expect(kinds(refusals)).toEqual(["QUORATE_REPLICA_EXHAUSTED proposalsMax"]);
    expect(leader.stats()).toMatchObject({ proposals: 0, proposalBytes: 0 });
    expect(leader.stats().refused.proposalsMax).toBe(over);
    expect(warned("proposalsMax")).toBe(1);
    await trio.write("during", "by count");
    await trio.expectUnharmed();
  });

  test("by bytes", async () => {
    const leader = trio.replicaOf(trio.leader);
    const size = 64 * KiB;
    const count = (proposalBytesMax / size) * 2;
    const commands = Array.from({ length: count }, (_, i) => put(`b${String(i % 50)}`, size));
    await trio.before();
    const submitting = submitAll(leader, commands);
    expect(leader.stats().proposalBytes).toBeLessThanOrEqual(proposalBytesMax);
    const { done, refusals } = await submitting;
    expect(done).toBeGreaterThan(count / 2 - 10);
    expect(done + refusals.length).toBe(count);
    expect(kinds(refusals)).toEqual(["QUORATE_REPLICA_EXHAUSTED proposalBytesMax"]);
    expect(leader.stats()).toMatchObject({ proposals: 0, proposalBytes: 0 });
    expect(leader.stats().refused.proposalBytesMax).toBe(refusals.length);
    expect(warned("proposalBytesMax")).toBe(1);
    await trio.write("during", "by bytes");
    // What is under way lies in each of the three servers several times: as given, as a message, as a write of the log and
    // in the database's own memory.
    await trio.expectUnharmed(trio.members, 16 * proposalBytesMax);
  });

  test("at a follower: of its calls to the leader", async () => {
    const { callsInFlightMax } = defaultLimits;
    const over = 500;
    const commands = Array.from({ length: callsInFlightMax + over }, (_, i) =>
      put(`f${String(i % 50)}`, 8),
    );
    const follower = trio.followers[0]!;
    const before = follower.server.peerStats.refusals.limit;
    await trio.during(async () => {
      const { done, refusals } = await submitAll(trio.replicaOf(follower), commands);
      expect(follower.server.peerStats.refusals.limit - before).toBe(refusals.length);
      expect(warnings(follower.log, "QUORATE_TRANSPORT_LIMIT_REACHED").length).toBeLessThan(3);
      expect(done).toBeGreaterThanOrEqual(callsInFlightMax - 50);
      expect(done + refusals.length).toBe(commands.length);
      expect(kinds(refusals)).toEqual(["QUORATE_TRANSPORT_LIMIT_REACHED callsInFlightMax"]);
    });
  });
});

import { describe, expect, test } from "vitest";
import type { ClientRequest, Command } from "../../../src/state/commands.ts";
import { bytesOf, Fixture, restored } from "./fixture.ts";

const put: Command = {
  kind: "kv-put",
  key: "a",
  value: new Uint8Array([1]),
  condition: { kind: "none" },
};
const unknown = "QUORATE_STATE_UNKNOWN_REQUEST";

function open(f: Fixture): number {
  const detail = f.done({ kind: "open-client-session" });
  if (detail.kind !== "session") throw new Error(detail.kind);
  return detail.session;
}

function request(clientSession: number, sequence: number, acknowledged = 0): ClientRequest {
  return { clientSession, sequence, acknowledged };
}

describe("exactly once", () => {
  test("a repeat gets the first result and does nothing", () => {
    const f = new Fixture();
    const client = open(f);
    const first = f.apply(put, request(client, 1));
    const again = f.apply(put, request(client, 1));
    expect(again.result).toEqual(first.result);
    expect(again.topics).toEqual([]);
    expect(f.tables.kv("a")?.version).toBe(1);
    expect(f.machine.revision).toBe(3);
  });

  test("refusals are remembered too", () => {
    const f = new Fixture();
    const client = open(f);
    const update: Command = { kind: "kv-delete", key: "", condition: { kind: "none" } };
    const first = f.refused(update, request(client, 1));
    expect(f.refused(put, request(client, 1))).toEqual(first);
    expect(f.tables.kv("a")).toBeUndefined();
  });

  test("an unknown session is refused, never executed", () => {
    const f = new Fixture();
    const error = f.refused(put, request(77, 1));
    expect(error).toMatchObject({ code: unknown, kind: "unknown" });
    expect(f.tables.kv("a")).toBeUndefined();
  });

  test("what was acknowledged is forgotten and refused", () => {
    const f = new Fixture();
    const client = open(f);
    f.done(put, request(client, 1));
    f.done(put, request(client, 2, 1));
    expect(f.refused(put, request(client, 1)).code).toBe(unknown);
    expect(f.refused(put, request(client, 0)).code).toBe(unknown);
    expect([...(f.tables.clientSession(client)?.results.keys() ?? [])]).toEqual([2]);
    // A request cannot acknowledge itself.
    f.done(put, request(client, 3, 100));
    expect(f.apply(put, request(client, 3)).result.kind).toBe("done");
    expect(f.tables.kv("a")?.version).toBe(3);
  });

  test("results are bounded: the lowest sequences go and are refused", () => {
    const f = new Fixture({ clientResultsMax: 2 });
    const client = open(f);
    for (const sequence of [1, 3, 2]) f.done(put, request(client, sequence));
    expect(f.tables.clientSession(client)?.floor).toBe(1);
    expect(f.refused(put, request(client, 1)).code).toBe(unknown);
    expect([...(f.tables.clientSession(client)?.results.keys() ?? [])]).toEqual([2, 3]);
    expect(f.tables.kv("a")?.version).toBe(3);
  });

  test("sessions are bounded: the one used longest ago goes", () => {
    const f = new Fixture({ clientSessionsMax: 2 });
    const [a, b] = [open(f), open(f)];
    f.done(put, request(a, 1));
    const c = open(f);
    expect(f.refused(put, request(b, 1)).code).toBe(unknown);
    f.done(put, request(a, 2));
    f.done(put, request(c, 1));
    expect(f.tables.stats().clientSessions).toBe(2);
  });

  test("an open that evicts its own session is answered all the same", () => {
    const f = new Fixture({ clientSessionsMax: 1 });
    const only = open(f);
    const detail = f.done({ kind: "open-client-session" }, request(only, 1));
    expect(detail.kind).toBe("session");
    expect(f.refused({ kind: "open-client-session" }, request(only, 1)).code).toBe(unknown);
  });

  test("survives a snapshot", () => {
    const f = new Fixture();
    const client = open(f);
    const first = f.apply(put, request(client, 1));
    f.machine = restored(bytesOf(f.machine));
    expect(f.apply(put, request(client, 1)).result).toEqual(first.result);
    expect(f.tables.kv("a")?.version).toBe(1);
  });
});

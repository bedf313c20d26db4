import { describe, expect, test } from "vitest";
import { StateRestorer } from "../../../src/state/restore.ts";
import { StateMachine } from "../../../src/state/state-machine.ts";
import { bytesOf, chunk, Fixture, restored, testHash } from "./fixture.ts";

function filled(): Fixture {
  const f = new Fixture().cluster(2);
  const [one, two] = [f.register("s1"), f.register("s2")];
  const jobId = f.running("a", one);
  f.running("b", two);
  f.plan([f.move("revoke", jobId, two)]);
  f.report(jobId, one, { message: "é😀" });
  f.done({ kind: "open-client-session" });
  const chunks = [chunk(1), chunk(2)];
  f.done({ kind: "reserve-upload", uploadId: "", namespace: "ns", name: "f", chunks });
  for (let i = 0; i < 20; i += 1) {
    const value = new Uint8Array(60_000).fill(i);
    f.done({ kind: "kv-put", key: `k${String(i)}`, value, condition: { kind: "none" } });
  }
  return f;
}

const damaged = expect.objectContaining({ code: "QUORATE_STATE_SNAPSHOT_DAMAGED" }) as unknown;

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("snapshot", () => {
  test("pieces have a bounded size and give the same state, however they are cut", () => {
    const f = filled();
    const snapshot = f.machine.snapshot();
    const pieces = [...snapshot.pieces()];
    snapshot.release();
    expect(snapshot.revision).toBe(f.machine.revision);
    expect(pieces.length).toBeGreaterThan(3);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBe(256 * 1024);
    const bytes = Buffer.concat(pieces);
    for (const size of [997, 256 * 1024, bytes.length]) {
      const copy = restored(bytes, size);
      expect(copy.digest(testHash)).toBe(f.machine.digest(testHash));
      expect(Buffer.compare(bytesOf(copy), bytes)).toBe(0);
      expect(copy.tables.stats()).toEqual(f.tables.stats());
    }
  });

  test("is taken of one moment while entries are applied", () => {
    const f = filled();
    const before = bytesOf(f.machine);
    const digest = f.machine.digest(testHash);
    const snapshot = f.machine.snapshot();
    const parts: Uint8Array[] = [];
    for (const piece of snapshot.pieces()) {
      parts.push(piece);
      f.submit(`during-${String(parts.length)}`);
      f.done({ kind: "kv-delete", key: `k${String(parts.length)}`, condition: { kind: "none" } });
    }
    expect(Buffer.compare(Buffer.concat(parts), before)).toBe(0);
    expect(f.machine.digest(testHash)).not.toBe(digest);
    snapshot.release();
    expect(restored(bytesOf(f.machine)).tables.stats()).toEqual(f.tables.stats());
  });

  test("one at a time, released once, not read afterwards", () => {
    const { machine } = filled();
    const snapshot = machine.snapshot();
    expect(() => machine.snapshot()).toThrow(/frozen already/);
    snapshot.release();
    expect(() => {
      snapshot.release();
    }).toThrow(/released once/);
    expect(() => [...snapshot.pieces()]).toThrow(/after its release/);
  });

  test("the empty state is one too", () => {
    expect(restored(bytesOf(new StateMachine())).revision).toBe(0);
  });
});

describe("restore refuses", () => {
  test("anything cut short", () => {
    const bytes = bytesOf(filled().machine);
    for (const length of [0, 3, 10, 1000, bytes.length - 6, bytes.length - 1]) {
      expect(errorOf(() => restored(bytes.subarray(0, length)))).toEqual(damaged);
    }
  });

  test("anything behind the end, a foreign file, a newer version", () => {
    const bytes = bytesOf(filled().machine);
    const longer = Buffer.concat([bytes, new Uint8Array([0, 0, 0, 1, 3])]);
    const newer = Uint8Array.from(bytes);
    newer[5] = 9;
    for (const bad of [longer, Buffer.from("a foreign file of some length"), newer]) {
      expect(errorOf(() => restored(bad))).toEqual(damaged);
    }
  });

  test("a machine that was restored accepts the next entry only", () => {
    const f = filled();
    f.machine = restored(bytesOf(f.machine));
    f.next += 1;
    expect(() => f.submit("late")).toThrow(/does not follow/);
  });

  test("a restorer without input", () => {
    expect(errorOf(() => new StateRestorer().finish())).toEqual(damaged);
  });
});

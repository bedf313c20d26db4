import { describe, expect, test } from "vitest";
import { index } from "../../../src/base/numbers.ts";
import type { KvCondition } from "../../../src/state/commands.ts";
import { Fixture } from "./fixture.ts";

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

function put(key: string, value: string, condition: KvCondition = { kind: "none" }) {
  return { kind: "kv-put", key, value: bytes(value), condition } as const;
}

describe("kv", () => {
  test("put counts versions and keeps the creation revision", () => {
    const f = new Fixture();
    expect(f.done(put("a", "1"))).toEqual({ kind: "kv", version: 1, existed: false });
    expect(f.done(put("a", "2"))).toEqual({ kind: "kv", version: 2, existed: true });
    expect(f.tables.kv("a")).toEqual({
      key: "a",
      value: bytes("2"),
      createdRevision: 1,
      modifiedRevision: 2,
      version: 2,
    });
    expect(f.last?.topics).toEqual(["kv", "kv/a"]);
  });

  test("delete tells what was there; a new row counts from 1", () => {
    const f = new Fixture();
    f.done(put("a", "1"));
    const remove = { kind: "kv-delete", key: "a", condition: { kind: "none" } } as const;
    expect(f.done(remove)).toEqual({ kind: "kv", version: 1, existed: true });
    expect(f.done(remove)).toEqual({ kind: "kv", version: 0, existed: false });
    expect(f.last?.topics).toEqual([]);
    expect(f.done(put("a", "1"))).toEqual({ kind: "kv", version: 1, existed: false });
  });

  test("conditions", () => {
    const f = new Fixture();
    f.done(put("a", "1", { kind: "absent" }));
    expect(f.refused(put("a", "2", { kind: "absent" })).code).toBe(
      "QUORATE_STATE_KV_CONDITION_FAILED",
    );
    expect(f.refused(put("a", "2", { kind: "revision", revision: index(2) })).fields).toMatchObject(
      { key: "a", revision: 1 },
    );
    f.done(put("a", "2", { kind: "revision", revision: index(1) }));
    expect(f.refused(put("a", "3", { kind: "value", value: bytes("1") })).kind).toBe("conflict");
    f.done(put("a", "3", { kind: "value", value: bytes("2") }));
    expect(f.refused(put("b", "1", { kind: "revision", revision: index(0) })).kind).toBe(
      "conflict",
    );
    const condition = { kind: "value", value: bytes("x") } as const;
    expect(f.refused({ kind: "kv-delete", key: "a", condition }).kind).toBe("conflict");
  });

  test("keys and values have bounds", () => {
    const f = new Fixture();
    const codes = ["", "a\nb", "a\u0085b", "é".repeat(257)].map(
      (key) => f.refused(put(key, "")).code,
    );
    expect(new Set(codes)).toEqual(new Set(["QUORATE_STATE_VALUE_INVALID"]));
    f.done(put("é".repeat(256), ""));
    f.done(put("max", "x".repeat(64 * 1024)));
    expect(f.refused(put("more", "x".repeat(64 * 1024 + 1))).fields).toMatchObject({
      field: "value",
    });
  });

  test("the quota counts key, value and overhead, and deleting frees it", () => {
    const f = new Fixture({ kvBytesMax: 2 * (64 + 2) });
    f.done(put("a", "1"));
    f.done(put("b", "1"));
    expect(f.refused(put("c", "1")).fields).toMatchObject({ limit: "kvBytesMax" });
    f.done(put("b", "2"));
    expect(f.refused(put("b", "22")).kind).toBe("exhausted");
    f.done({ kind: "kv-delete", key: "a", condition: { kind: "none" } });
    f.done(put("c", "1"));
    expect(f.tables.stats().kvBytes).toBe(132);
  });

  test("lists by prefix in key order", () => {
    const f = new Fixture();
    for (const key of ["b/2", "a", "b/10", "b", "b/1", "c"]) f.done(put(key, ""));
    expect(f.tables.kvList("b/").map((row) => row.key)).toEqual(["b/1", "b/10", "b/2"]);
    f.done({ kind: "kv-delete", key: "b/10", condition: { kind: "none" } });
    f.done(put("b/0", ""));
    expect(f.tables.kvList("b/").map((row) => row.key)).toEqual(["b/0", "b/1", "b/2"]);
    expect(f.tables.kvList("x")).toEqual([]);
  });
});

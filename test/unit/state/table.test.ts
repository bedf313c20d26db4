import { describe, expect, test } from "vitest";
import { index } from "../../../src/base/numbers.ts";
import { clip } from "../../../src/state/names.ts";
import type { KvRow } from "../../../src/state/rows.ts";
import { KvTable } from "../../../src/state/tables/kv.ts";

function row(key: string, version = 1): KvRow {
  const revision = index(1);
  const value = new Uint8Array();
  return { key, value, createdRevision: revision, modifiedRevision: revision, version };
}

const keys = (rows: Iterable<KvRow>): string[] => [...rows].map((one) => one.key);

describe("table", () => {
  test("writes while frozen go to the overlay; thaw merges them", () => {
    const table = new KvTable();
    for (const key of ["a", "b", "c"]) table.put(row(key));
    const frozen = table.freeze();
    table.delete("a");
    table.put(row("b", 2));
    table.put(row("d"));
    table.delete("c");
    table.put(row("c", 3));
    expect(keys(frozen.rows())).toEqual(["a", "b", "c"]);
    expect([...frozen.rows()].map((one) => one.version)).toEqual([1, 1, 1]);
    expect(keys(table.values())).toEqual(["b", "c", "d"]);
    expect([table.get("a"), table.get("b")?.version, table.size]).toEqual([undefined, 2, 3]);
    table.thaw();
    expect(table.values().map((one) => [one.key, one.version])).toEqual([
      ["b", 2],
      ["c", 3],
      ["d", 1],
    ]);
    expect(keys(table.freeze().rows())).toEqual(["b", "c", "d"]);
  });

  test("freeze and thaw alternate", () => {
    const table = new KvTable();
    expect(() => {
      table.thaw();
    }).toThrow(/not frozen/);
    table.freeze();
    expect(() => table.freeze()).toThrow(/frozen already/);
  });

  test("rows come in key order whatever the order of writes", () => {
    const table = new KvTable();
    for (const key of ["m", "z", "a"]) table.put(row(key));
    expect(keys(table.values())).toEqual(["a", "m", "z"]);
    table.delete("m");
    for (const key of ["n", "m", "0", "zz"]) table.put(row(key));
    table.delete("n");
    expect(keys(table.values())).toEqual(["0", "a", "m", "z", "zz"]);
    expect(keys(table.withPrefix("z"))).toEqual(["z", "zz"]);
  });
});

test("clipping never cuts a surrogate pair", () => {
  expect(clip("ab", 2)).toBe("ab");
  expect(clip("abc", 2)).toBe("ab");
  expect(clip("a😀b", 2)).toBe("a");
  expect(clip("a😀b", 3)).toBe("a😀");
});

// The kit of the tests of durability can say no: a ledger that never complains, a record of a disk that calls everything
// synced, or a flip that hits another byte would prove nothing.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { flipBit } from "./support/durability/files.ts";
import { Ledger } from "./support/durability/ledger.ts";
import { walPuts, walRecords } from "./support/durability/level/wal.ts";
import { DiskRecord, losePower } from "./support/durability/power-loss.ts";

const directory = mkdtempSync(join(tmpdir(), "quorate-durability-kit-"));

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe("the ledger", () => {
  function written(): Ledger {
    const ledger = new Ledger();
    for (const value of ["a1", "a2"]) {
      ledger.sent("a", value);
      ledger.acknowledged("a");
    }
    ledger.sent("b", "b1");
    ledger.sent("c", "c1");
    ledger.refused("c");
    return ledger;
  }

  test.each<[string, readonly (readonly [string, string])[], number]>([
    ["what was acknowledged", [["a", "a2"]], 0],
    [
      "an open write that was done",
      [
        ["a", "a2"],
        ["b", "b1"],
      ],
      0,
    ],
    ["nothing", [], 1],
    ["an overwritten value", [["a", "a1"]], 1],
    ["a changed byte", [["a", "a3"]], 2],
    ["a value of another key", [["a", "b1"]], 2],
    [
      "a key that nobody wrote",
      [
        ["a", "a2"],
        ["x", "a2"],
      ],
      1,
    ],
    [
      "a write that was refused",
      [
        ["a", "a2"],
        ["c", "c1"],
      ],
      1,
    ],
  ])("%s", (_, found, problems) => {
    expect(written().problemsOf("s1", new Map(found))).toHaveLength(problems);
  });

  test("an open write that one server showed must be on the next", () => {
    const ledger = written();
    expect(
      ledger.problemsOf(
        "s1",
        new Map([
          ["a", "a2"],
          ["b", "b1"],
        ]),
      ),
    ).toEqual([]);
    expect(ledger.problemsOf("s2", new Map([["a", "a2"]]))).toHaveLength(1);
  });

  test("a server that lags may say old values, but none that nobody wrote", () => {
    expect(written().strangersIn("s1", new Map([["a", "a1"]]))).toEqual([]);
    expect(written().strangersIn("s1", new Map([["a", "a\u0000"]]))).toHaveLength(1);
  });
});

describe("what a disk holds when the power goes", () => {
  const file = join(directory, "000003.log");
  const opened = `7   openat(AT_FDCWD</>, "${file}", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 21<${file}>`;
  const write = (bytes: number): string => `7   write(21<${file}>, ""..., ${bytes}) = ${bytes}`;
  const sync = `8   fdatasync(21<${file}>) = 0`;
  const unsynced = (...lines: readonly string[]) =>
    new DiskRecord(directory, [opened, ...lines].join("\n")).unsynced();

  test.each<[string, readonly string[], readonly number[]]>([
    ["synced", [write(100), sync], []],
    ["written after the sync", [write(100), sync, write(10)], [100]],
    ["never synced", [write(100)], [0]],
    ["a sync that failed", [write(100), sync.replace("= 0", "= -1 EIO (Input/output error)")], [0]],
    ["a sync under way", [write(100), `8   fdatasync(21<${file}> <unfinished ...>`], [0]],
    [
      "a sync that began before the write",
      [
        write(100),
        `8   fdatasync(21<${file}> <unfinished ...>`,
        write(10),
        "8   <... fdatasync resumed>) = 0",
      ],
      [100],
    ],
  ])("%s", (_, lines, expected) => {
    expect(unsynced(...lines).map(({ synced }) => synced)).toEqual(expected);
  });

  test("a renamed file keeps what was synced of it", () => {
    const renamed = `9   rename("${file}", "${directory}/CURRENT") = 0`;
    expect(unsynced(write(100), sync, write(5), renamed)).toEqual([
      { path: join(directory, "CURRENT"), synced: 100 },
    ]);
  });

  test("cut files keep what was synced, and lose more only by chance", () => {
    const sizes = new Set<number>();
    for (let seed = 1; seed < 40; seed += 1) {
      writeFileSync(file, Buffer.alloc(3000, 7));
      losePower(
        new DiskRecord(directory, [opened, write(1000), sync, write(2000)].join("\n")),
        seededRandom(seed),
      );
      const bytes = readFileSync(file);
      expect(bytes.subarray(0, 1000).equals(Buffer.alloc(1000, 7))).toBe(true);
      sizes.add(bytes.length);
    }
    expect(sizes.size).toBeGreaterThan(3);
  });
});

test("a flipped bit is one bit, and the file keeps its size", () => {
  const path = join(directory, "flipped");
  writeFileSync(path, Buffer.from([0, 0, 0]));
  flipBit(path, 1, 3);
  expect([...readFileSync(path)]).toEqual([0, 8, 0]);
  expect(() => flipBit(path, 3)).toThrow("ends before");
  expect(statSync(path).size).toBe(3);
});

test("values in a write-ahead log are found across its blocks", () => {
  const value = Buffer.alloc(40_000, 5);
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(9n);
  head.writeUInt32LE(1, 8);
  // put, key of one byte, value of 40,000 bytes as a varint
  const payload = Buffer.concat([head, Buffer.from([1, 1, 0x61, 0xc0, 0xb8, 0x02]), value]);
  const firstBytes = 32 * 1024 - 7;
  const fragment = (type: number, bytes: Buffer): Buffer => {
    const header = Buffer.alloc(7);
    header.writeUInt16LE(bytes.length, 4);
    header[6] = type;
    return Buffer.concat([header, bytes]);
  };
  const file = Buffer.concat([
    fragment(2, payload.subarray(0, firstBytes)),
    fragment(4, payload.subarray(firstBytes)),
  ]);
  expect(walRecords(file).map(({ start, end }) => [start, end])).toEqual([[0, file.length]]);
  const [found] = walPuts(file);
  expect(found).toMatchObject({ sequence: 9, key: Buffer.from("a") });
  expect(found!.value.equals(value)).toBe(true);
  expect(found!.at(0)).toBe(7 + 12 + 6);
  expect(found!.at(39_999)).toBe(file.length - 1);
});

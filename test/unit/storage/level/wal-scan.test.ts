import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { Level } from "level";
import { describe, expect, test } from "vitest";
import { crc32c, maskCrc32c } from "../../../../src/storage/crc32c.ts";
import { scanWal } from "../../../../src/storage/level/wal-files.ts";
import { scanWalFile } from "../../../../src/storage/level/wal-scan.ts";
import { temporaryDirectory } from "../../../conformance/storage/harness.ts";

const blockBytes = 32 * 1024;

/** Writes records as LevelDB does; `sizes` are those of the batches behind their header. */
function wal(sizes: readonly number[]): { bytes: Buffer; starts: number[] } {
  const parts: Buffer[] = [];
  const starts: number[] = [];
  let at = 0;
  let sequence = 1;
  const push = (part: Buffer): void => {
    parts.push(part);
    at += part.length;
  };
  for (const size of sizes) {
    const payload = Buffer.alloc(12 + size, (sequence % 200) + 50);
    payload.writeBigUInt64LE(BigInt(sequence), 0);
    payload.writeUInt32LE(1, 8);
    sequence += 1;
    for (let from = 0, isFirst = true; ; isFirst = false) {
      if (blockBytes - (at % blockBytes) < 7) push(Buffer.alloc(blockBytes - (at % blockBytes)));
      const left = blockBytes - (at % blockBytes);
      if (isFirst) starts.push(at);
      const to = Math.min(payload.length, from + left - 7);
      const isLast = to === payload.length;
      const fragment = Buffer.alloc(7 + to - from);
      payload.copy(fragment, 7, from, to);
      fragment.writeUInt16LE(to - from, 4);
      fragment[6] = isFirst ? (isLast ? 1 : 2) : isLast ? 4 : 3;
      fragment.writeUInt32LE(maskCrc32c(crc32c(fragment, 6)), 0);
      push(fragment);
      from = to;
      if (isLast) break;
    }
  }
  return { bytes: Buffer.concat(parts), starts };
}

const sizeLists = fc.array(
  fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 40_000 }), fc.constant(blockBytes - 7 - 12 - 3)),
  { minLength: 1, maxLength: 8 },
);

test("an intact file passes", () => {
  fc.assert(
    fc.property(sizeLists, (sizes) => {
      const { bytes } = wal(sizes);
      expect(scanWalFile(bytes)).toEqual({
        records: sizes.length,
        tornAt: undefined,
        damage: undefined,
      });
    }),
    { numRuns: 50 },
  );
});

test("a file that is cut anywhere has a torn tail from the first record that is not whole", () => {
  fc.assert(
    fc.property(sizeLists, fc.nat(), (sizes, cut) => {
      const { bytes, starts } = wal(sizes);
      const end = cut % (bytes.length + 1);
      const scan = scanWalFile(bytes.subarray(0, end));
      const whole = starts.filter((_, i) => (starts[i + 1] ?? bytes.length) <= end).length;
      expect(scan.damage).toBeUndefined();
      expect(scan.records).toBeGreaterThanOrEqual(whole);
      if (scan.tornAt !== undefined) expect(scan.tornAt).toBe(starts[scan.records]);
    }),
    { numRuns: 100 },
  );
});

test("a flipped bit in any record but the last is damage", () => {
  fc.assert(
    fc.property(sizeLists, fc.nat(), (sizes, at) => {
      const { bytes, starts } = wal([...sizes, 20]);
      const lastStart = starts.at(-1) ?? 0;
      const bit = at % (lastStart * 8);
      const isPadding = blockBytes - ((bit >> 3) % blockBytes) < 7 && !isInRecord(bytes, bit >> 3);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { damage } = scanWalFile(bytes);
      if (!isPadding) expect(damage).toBeDefined();
    }),
    { numRuns: 300 },
  );
});

/** The padding at the end of a block is not covered by any checksum, and nobody reads it. */
function isInRecord(bytes: Buffer, offset: number): boolean {
  for (let at = offset - (offset % blockBytes); ; ) {
    if (blockBytes - (at % blockBytes) < 7) return false;
    const end = at + 7 + bytes.readUInt16LE(at + 4);
    if (offset < end) return true;
    at = end;
  }
}

test("a flipped bit in the payload of the last record is damage, not a torn tail", () => {
  for (const size of [1, 700, 40_000]) {
    const { bytes } = wal([100, size]);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 4;
    expect(scanWalFile(bytes)).toMatchObject({
      records: 1,
      tornAt: undefined,
      damage: { reason: /checksum/ },
    });
  }
});

test("a last record with a sector of zeros was torn", () => {
  const { bytes, starts } = wal([5000, 5000]);
  bytes.fill(0, 7168, 7680);
  expect(scanWalFile(bytes)).toEqual({ records: 1, tornAt: starts[1], damage: undefined });
});

test("a file that was prolonged before its bytes arrived was torn", () => {
  const { bytes } = wal([5000]);
  const prolonged = Buffer.concat([bytes, Buffer.alloc(3000)]);
  expect(scanWalFile(prolonged)).toEqual({ records: 1, tornAt: bytes.length, damage: undefined });
});

test("zeros between records are damage, which LevelDB would skip without a word", () => {
  const { bytes, starts } = wal([5000, 5000, 50]);
  bytes.fill(0, starts[1], starts[2]);
  expect(scanWalFile(bytes).damage).toMatchObject({ offset: starts[1] });
});

test("a record that is missing as a whole leaves a gap in the numbers", () => {
  const { bytes, starts } = wal([50, 60, 70]);
  const without = Buffer.concat([bytes.subarray(0, starts[1]), bytes.subarray(starts[2])]);
  expect(scanWalFile(without).damage?.reason).toMatch(/gap/);
});

test("a flipped length that seems to run past the end is damage when a record follows", () => {
  const { bytes } = wal([50, 60, 70]);
  bytes[5] = 0x40;
  expect(scanWalFile(bytes).damage).toMatchObject({ offset: 0 });
});

test("only the newest file with content may be torn", async () => {
  const directory = await temporaryDirectory();
  try {
    const { bytes } = wal([100, 200]);
    await writeFile(join(directory, "000009.log"), bytes.subarray(0, -3));
    await writeFile(join(directory, "000010.log"), Buffer.alloc(0));
    expect(await scanWal(directory)).toMatchObject({
      files: 2,
      torn: { file: "000009.log" },
      damage: undefined,
    });
    await writeFile(join(directory, "000010.log"), bytes);
    expect(await scanWal(directory)).toMatchObject({
      torn: undefined,
      damage: { file: "000009.log" },
    });
    expect(await scanWal(join(directory, "absent"))).toMatchObject({ files: 0, records: 0 });
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("a log that LevelDB wrote passes, with as many records as batches", async () => {
  const directory = await temporaryDirectory();
  try {
    const level = new Level<string, string>(join(directory, "db"), { compression: false });
    await level.open();
    for (let i = 0; i < 40; i += 1)
      await level.batch([{ type: "put", key: String(i), value: "v".repeat(i * 150) }]);
    await mkdir(join(directory, "copy"));
    for (const name of await readdir(join(directory, "db"))) {
      if (name.endsWith(".log"))
        await writeFile(join(directory, "copy", name), await readFile(join(directory, "db", name)));
    }
    await level.close();
    expect(await scanWal(join(directory, "copy"))).toEqual({
      files: 1,
      records: 40,
      torn: undefined,
      damage: undefined,
    });
  } finally {
    await rm(directory, { recursive: true });
  }
});

describe("a log whose content is in tables by now, and that only was not deleted yet", () => {
  interface Leftover {
    readonly directory: string;
    readonly level: Level;
    readonly present: string;
    readonly older: string;
  }

  async function withLeftover(work: (leftover: Leftover) => Promise<void>): Promise<void> {
    const directory = await temporaryDirectory();
    try {
      const level = new Level<string, string>(directory, { compression: false });
      await level.open();
      await level.put("a", "1");
      await level.close();
      // At each open LevelDB moves what the logs hold into tables and begins a new log.
      await level.open();
      await level.close();
      const [present = ""] = (await readdir(directory)).filter((name) => name.endsWith(".log"));
      const older = `${String(Number.parseInt(present, 10) - 1).padStart(6, "0")}.log`;
      await writeFile(join(directory, older), wal([100, 200]).bytes.subarray(0, -3));
      await work({ directory, level, present, older });
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  test("is not looked at", async () => {
    await withLeftover(async ({ directory, present, older }) => {
      await writeFile(join(directory, present), wal([100, 200]).bytes);
      const intact = { files: 1, torn: undefined, damage: undefined };
      expect(await scanWal(directory)).toMatchObject(intact);
      // Nobody knows then which ones count.
      await rm(join(directory, "CURRENT"));
      expect((await scanWal(directory)).damage).toMatchObject({ file: older });
    });
  });

  test("is not read by LevelDB either, which deletes it", async () => {
    await withLeftover(async ({ directory, level, older }) => {
      await level.open();
      expect(await readdir(directory)).not.toContain(older);
      expect(await level.get("a")).toBe("1");
      await level.close();
    });
  });
});

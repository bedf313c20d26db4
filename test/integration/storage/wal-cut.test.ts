// The log's write-ahead log, cut at every byte of its last 4 KiB, and opened. A write that the cut went through was, as far
// as the file can tell, never acknowledged: everything before it must be there, exactly, hard state included, and no cut
// of this kind may be taken for damage. One flipped bit there must never pass for such a cut.
//
//   QUORATE_DURABILITY_EVERY_BYTE=1   every byte of the 4 KiB; otherwise every byte of the last 512, and every fifth
import { readFileSync, statSync, truncateSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flipBit } from "../../e2e/support/durability/files.ts";
import { walRecords } from "../../e2e/support/durability/level/wal.ts";
import { isAsTold, strideOf, WrittenLog } from "./written-log.ts";

const tailBytes = 4096;
const everyByteOfTheLast = 512;
const stride = strideOf(5);
const cutText = "a write that was never acknowledged was cut off by a crash";

const written = new WrittenLog();

beforeAll(async () => {
  await written.live(60);
});

afterAll(async () => {
  await written.remove();
});

/** Offsets of the file's end, some at a time. */
function tail(): readonly number[] {
  const size = statSync(written.wal).size;
  return Array.from({ length: tailBytes }, (_, i) => size - tailBytes + i).filter(
    (at, i) => i % stride === 0 || at >= size - everyByteOfTheLast,
  );
}

describe("the end of the write-ahead log", () => {
  test("cut anywhere: all that was acknowledged before the cut is there, and nothing else", async () => {
    const wrong: string[] = [];
    let torn = 0;
    for (const kept of tail()) {
      const opened = await written.openDamaged((copy) =>
        truncateSync(join(copy, basename(written.wal)), kept),
      );
      const before = written.told.findLast(({ fileBytes }) => fileBytes <= kept)!;
      const isTorn = before.fileBytes < kept;
      torn += isTorn ? 1 : 0;
      const isSaid = opened.lines.includes(cutText) === isTorn;
      if (!isAsTold(opened, before) || !isSaid) {
        wrong.push(`cut to ${kept}: ${JSON.stringify(opened)}, wanted ${JSON.stringify(before)}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(torn).toBeGreaterThan(everyByteOfTheLast / 2);
  }, 180_000);

  test("one bit flipped anywhere: refused", async () => {
    const records = walRecords(readFileSync(written.wal));
    const accepted: string[] = [];
    for (const at of tail()) {
      const opened = await written.openDamaged((copy) =>
        flipBit(join(copy, basename(written.wal)), at, at % 8),
      );
      if (opened.refused === "QUORATE_STORAGE_CORRUPT_LOG") continue;
      const record = records.findIndex(({ end }) => at < end);
      const place = `record ${records.length - record} from the end, byte ${at - records[record]!.start}`;
      accepted.push(`${place}: ${opened.refused ?? "opened"}`);
    }
    // A longer length in the very last header looks like a write that was cut off. The leader notices that one: the
    // server comes back with less than it acknowledged.
    const lengthOfTheLast = /^record 1 from the end, byte [45]: opened$/;
    expect(accepted.filter((place) => !lengthOfTheLast.test(place))).toEqual([]);
  }, 180_000);
});

import { describe, expect, test } from "vitest";
import type { Logger } from "../../../src/base/logger.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { GiB, MiB } from "../../../src/base/units.ts";
import { DiskGuard } from "../../../src/server/disk-guard.ts";
import { diskPollMs } from "../../../src/storage/disk-space.ts";
import { VirtualClock } from "../replica/virtual-clock.ts";

const full = "QUORATE_STORAGE_DISK_NEARLY_FULL";

async function setup(totalBytes: number, freeBytes: number) {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const note = (_: unknown, line: string): void => void lines.push(line);
  const logger: Logger = { ...silentLogger, info: note, warn: note, error: note };
  const disk = { freeBytes };
  const look = () => Promise.resolve({ totalBytes, freeBytes: disk.freeBytes });
  const guard = new DiskGuard({ directory: "/data" }, { clock, logger, look });
  await guard.start();
  const now = async (bytes: number): Promise<void> => {
    disk.freeBytes = bytes;
    await clock.run(diskPollMs);
  };
  return { guard, lines, now };
}

const refusal = (guard: DiskGuard, bytes: number): unknown => {
  try {
    guard.mayStore(bytes);
    return undefined;
  } catch (error) {
    return error;
  }
};

describe("a large disk", () => {
  test("is warned about below 5 GiB and refused below 1 GiB, each once", async () => {
    const { guard, lines, now } = await setup(1000 * GiB, 50 * GiB);
    expect([guard.findings(), refusal(guard, 10 * GiB)]).toEqual([[], undefined]);
    await now(4 * GiB);
    await now(3 * GiB);
    expect(lines).toEqual(["the disk is nearly full"]);
    expect(guard.findings()).toMatchObject([{ severity: "warning", code: full }]);
    expect(refusal(guard, 1 * GiB)).toBeUndefined();
    await now(1 * GiB - 1);
    expect(lines).toEqual(["the disk is nearly full", "uploads are refused"]);
    expect(guard.findings()).toMatchObject([{ severity: "error", code: full }]);
    expect(refusal(guard, 0)).toMatchObject({
      code: full,
      kind: "exhausted",
      fields: { freeBytes: 1 * GiB - 1, totalBytes: 1000 * GiB, keptBytes: 1 * GiB },
    });
    await guard.stop();
  });

  test("is used again only when there is clearly more room", async () => {
    const { guard, lines, now } = await setup(1000 * GiB, 0.5 * GiB);
    await now(1.1 * GiB);
    expect(refusal(guard, 0)).toMatchObject({ code: full });
    await now(1.3 * GiB);
    expect([refusal(guard, 0), guard.findings()[0]?.severity]).toEqual([undefined, "warning"]);
    await now(7 * GiB);
    expect(guard.findings()).toEqual([]);
    expect(lines.slice(2)).toEqual(["uploads are taken again", "the disk has room again"]);
    await guard.stop();
  });
});

test("a small disk keeps at least 32 MiB for the log, and can be used", async () => {
  const { guard } = await setup(128 * MiB, 100 * MiB);
  expect(refusal(guard, 68 * MiB)).toBeUndefined();
  expect(refusal(guard, 69 * MiB)).toMatchObject({ code: full, fields: { keptBytes: 32 * MiB } });
  guard.stores(60 * MiB);
  expect(refusal(guard, 9 * MiB)).toMatchObject({ code: full });
  await guard.stop();
});

test("before the disk was looked at nothing is refused", () => {
  const guard = new DiskGuard(
    { directory: "/data" },
    { clock: new VirtualClock(), logger: silentLogger },
  );
  expect([refusal(guard, 1000 * GiB), guard.findings()]).toEqual([undefined, []]);
});

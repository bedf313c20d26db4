import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import { DiskSpace, diskPollMs, type Space, spaceOf } from "../../../src/storage/disk-space.ts";
import { VirtualClock } from "../replica/virtual-clock.ts";

test("the file system says how much room there is", async () => {
  const { totalBytes, freeBytes } = await spaceOf(tmpdir());
  expect(totalBytes).toBeGreaterThan(0);
  expect(freeBytes).toBeLessThanOrEqual(totalBytes);
});

test("it is asked at intervals, and what is promised in between counts at once", async () => {
  const clock = new VirtualClock();
  const seen: Space[] = [];
  let freeBytes = 1000;
  const disk = new DiskSpace(
    { directory: "/data", onLook: (space) => seen.push(space) },
    { clock, logger: silentLogger, look: () => Promise.resolve({ totalBytes: 2000, freeBytes }) },
  );
  expect(disk.space).toBeUndefined();
  await disk.start();
  disk.promise(300);
  expect(disk.space).toEqual({ totalBytes: 2000, freeBytes: 700 });
  disk.promise(900);
  expect(disk.space?.freeBytes).toBe(0);
  freeBytes = 640;
  await clock.run(diskPollMs);
  expect(disk.space?.freeBytes).toBe(640);
  expect(seen.map((space) => space.freeBytes)).toEqual([1000, 640]);
  await disk.stop();
  await disk.stop();
  expect(clock.waiting).toBe(0);
});

test("a file system that does not answer is asked again", async () => {
  const clock = new VirtualClock();
  let fails = true;
  const disk = new DiskSpace(
    { directory: "/data", onLook: () => undefined },
    {
      clock,
      logger: silentLogger,
      look: () =>
        fails ? Promise.reject(new Error("EIO")) : Promise.resolve({ totalBytes: 2, freeBytes: 1 }),
    },
  );
  await disk.start();
  expect(disk.space).toBeUndefined();
  fails = false;
  await clock.run(diskPollMs);
  expect(disk.space?.freeBytes).toBe(1);
  await disk.stop();
});

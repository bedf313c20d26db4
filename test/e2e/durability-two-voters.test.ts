// One of two voters is no majority: nobody could admit the other anew. So its damaged data stays where it is, it stays
// stopped, and it says why; an operator decides.
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../bench/lib/wait.ts";
import { entryHeaderBytes, flipBit, isEntry, puts } from "./support/durability/files.ts";
import { quarantines } from "./support/durability/quarantine.ts";
import { useServers } from "./support/durability/stage.ts";

const servers = useServers({ servers: 2 });

test("a damaged one stays stopped and moves nothing; with its bytes as they were, all is as before", async () => {
  const all = servers();
  await all.whileWriting(() => all.acknowledges(40));
  const machine = await all.follower();
  await machine.stop();
  const found = puts(join(machine.dataDirectory, "log")).filter(
    (one) => isEntry(one) && one.value.length > entryHeaderBytes + 9,
  );
  const { path, at } = found[Math.floor(found.length / 2)]!;
  flipBit(path, at(entryHeaderBytes + 2));
  const before = machine.log().length;
  machine.start();
  await until(`${machine.id} ended`, () => (machine.isRunning() ? undefined : true));
  expect(machine.log().slice(before)).toContain("QUORATE_STORAGE_CORRUPT_LOG");
  expect(quarantines(machine)).toBe(0);
  flipBit(path, at(entryHeaderBytes + 2));
  machine.start();
  await all.allBack();
  await all.whileWriting(() => all.acknowledges(20));
  await all.allBack();
  expect(await all.problems()).toEqual([]);
  for (const one of all.machines) expect(await all.problemsOfCopy(one)).toEqual([]);
});

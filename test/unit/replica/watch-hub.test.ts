import fc from "fast-check";
import { expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import { index } from "../../../src/base/numbers.ts";
import { TopicWatchHub } from "../../../src/replica/watch-hub.ts";
import { VirtualClock } from "./virtual-clock.ts";

function hubOf(limits: { watchersMax?: number; watchTopicsMax?: number } = {}): {
  hub: TopicWatchHub;
  clock: VirtualClock;
} {
  const clock = new VirtualClock();
  const options = { watchersMax: 10, watchTopicsMax: 100, ...limits };
  return { hub: new TopicWatchHub(options, { clock, logger: silentLogger }), clock };
}

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const marker = {};
  return (await Promise.race([promise, Promise.resolve(marker)])) === marker;
}

test("a wait resolves when its topic changes, and not for others", async () => {
  const { hub, clock } = hubOf();
  const wait = hub.wait(["jobs/j1"], index(0), 1000);
  hub.publish(["jobs/j2", "jobs"], index(3));
  expect(await isPending(wait)).toBe(true);
  hub.publish(["jobs/j1"], index(4));
  expect(await wait).toBe(4);
  expect(hub.waiting).toBe(0);
  expect(clock.waiting).toBe(0);
});

test("a change that happened after `since` resolves at once, with the current revision", async () => {
  const { hub } = hubOf();
  hub.publish(["jobs/j1"], index(4));
  hub.publish(["other"], index(9));
  expect(await hub.wait(["jobs/j1"], index(3), 1000)).toBe(9);
  expect(await isPending(hub.wait(["jobs/j1"], index(4), 1000))).toBe(true);
});

test("a prefix stands for everything below it, at every depth, and only for that", async () => {
  const { hub } = hubOf();
  const all = hub.wait(["kv/"], index(0), 1000);
  const deep = hub.wait(["kv/a/"], index(0), 1000);
  const beside = hub.wait(["kv/b/"], index(0), 1000);
  const exact = hub.wait(["kv"], index(0), 1000);
  hub.publish(["kv/a/x"], index(2));
  expect(await all).toBe(2);
  expect(await deep).toBe(2);
  expect(await isPending(beside)).toBe(true);
  expect(await isPending(exact)).toBe(true);
  expect(await hub.wait(["kv/a/"], index(1), 1000)).toBe(2);
});

test("a wait on several topics is one watcher and ends once", async () => {
  const { hub } = hubOf();
  const wait = hub.wait(["a", "b"], index(0), 1000);
  hub.publish(["a", "b"], index(1));
  expect(await wait).toBe(1);
  expect(hub.waiting).toBe(0);
});

test("after the timeout a wait resolves with the current revision", async () => {
  const { hub, clock } = hubOf();
  hub.publish(["x"], index(7));
  const wait = hub.wait(["y"], index(7), 50);
  await clock.run(49);
  expect(await isPending(wait)).toBe(true);
  await clock.run(1);
  expect(await wait).toBe(7);
});

test("over the limit a watcher is refused with the limit's name", async () => {
  const { hub } = hubOf({ watchersMax: 1 });
  void hub.wait(["a"], index(0), 1000);
  await expect(hub.wait(["a"], index(0), 1000)).rejects.toMatchObject({
    code: "QUORATE_REPLICA_EXHAUSTED",
    fields: { limit: "watchersMax" },
  });
});

test("forgotten topics count as changed: nobody is left asleep", async () => {
  const { hub } = hubOf({ watchTopicsMax: 6 });
  for (let i = 1; i <= 10; i += 1) hub.publish([`t${String(i)}`], index(i));
  // Generations of three: t1 to t6 are forgotten and count as changed at 6.
  expect(await hub.wait(["t1"], index(5), 1000)).toBe(10);
  expect(await isPending(hub.wait(["t1"], index(6), 1000))).toBe(true);
  expect(await hub.wait(["never"], index(5), 1000)).toBe(10);
  expect(await isPending(hub.wait(["t9"], index(9), 1000))).toBe(true);
  expect(await hub.wait(["t9"], index(8), 1000)).toBe(10);
  expect(await hub.wait(["t10"], index(9), 1000)).toBe(10);
});

test("property: a wait never misses a change, however little is remembered", async () => {
  const topics = ["a", "b", "c/1", "c/2", "c/", "d"];
  const topic = fc.constantFrom("a", "b", "c/1", "c/2", "d");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(topic, { maxLength: 3 }), { maxLength: 30 }),
      fc.integer({ min: 2, max: 8 }),
      async (batches, watchTopicsMax) => {
        const { hub } = hubOf({ watchTopicsMax, watchersMax: 1000 });
        const last = new Map<string, number>();
        for (const [i, batch] of batches.entries()) {
          hub.publish(batch, index(i + 1));
          for (const each of batch) {
            last.set(each, i + 1);
            if (each.startsWith("c/")) last.set("c/", i + 1);
          }
        }
        for (const each of topics) {
          const changedAt = last.get(each) ?? 0;
          if (changedAt === 0) continue;
          const behind = hub.wait([each], index(changedAt - 1), 1000);
          if (await isPending(behind)) return false;
        }
        return true;
      },
    ),
    { numRuns: 100 },
  );
});

test("a snapshot wakes everybody, and later waits on older revisions", async () => {
  const { hub } = hubOf();
  const seen: number[] = [];
  hub.subscribe(["a"], (revision) => seen.push(revision));
  const wait = hub.wait(["b"], index(5), 1000);
  hub.reset(index(20));
  expect(await wait).toBe(20);
  expect(seen).toEqual([20]);
  expect(await hub.wait(["never"], index(19), 1000)).toBe(20);
  expect(await isPending(hub.wait(["never"], index(20), 1000))).toBe(true);
});

test("a subscriber is called once per batch until it unsubscribes; one that fails harms nobody", () => {
  const { hub } = hubOf();
  const seen: number[] = [];
  hub.subscribe(["a", "b"], () => {
    throw new Error("mine");
  });
  const unsubscribe = hub.subscribe(["a", "b"], (revision) => seen.push(revision));
  hub.publish(["a", "b"], index(1));
  hub.publish(["c"], index(2));
  hub.publish(["b"], index(3));
  unsubscribe();
  hub.publish(["a"], index(4));
  expect(seen).toEqual([1, 3]);
});

test("closing ends the waits", async () => {
  const { hub, clock } = hubOf();
  const wait = hub.wait(["a"], index(0), 1000);
  hub.close();
  await expect(wait).rejects.toMatchObject({ code: "QUORATE_REPLICA_STOPPED" });
  await expect(hub.wait(["a"], index(0), 1)).rejects.toMatchObject({
    code: "QUORATE_REPLICA_STOPPED",
  });
  expect(clock.waiting).toBe(0);
});

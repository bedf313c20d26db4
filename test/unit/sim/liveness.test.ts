// What the liveness phase promises, broken one promise after the other: it must name the one that was broken.
import { beforeAll, describe, expect, test } from "vitest";
import type { Hash64 } from "../../../src/base/hash.ts";
import { loadHash64 } from "../../../src/server/system/hash.ts";
import { Liveness } from "../../sim/liveness.ts";
import { planOf } from "../../sim/plan.ts";
import type { SimServer } from "../../sim/server.ts";
import { BrokenPromise, World } from "../../sim/world.ts";

let hash: Hash64;

beforeAll(async () => {
  hash = await loadHash64();
});

/** A small world in calm weather whose core will be all of it, with a leader. */
async function calmWorld(): Promise<{ world: World; leader: SimServer; follower: SimServer }> {
  const plan = planOf({ seed: 1, servers: 3, safetyMs: 0 });
  const world = new World({ ...plan, driftPerMille: 0, livenessMsMax: 8000, keys: 2 }, { hash });
  await world.found();
  await world.until(() => world.leader() !== undefined, 5000);
  await world.run(500);
  const leader = world.leader()!;
  const follower = world.servers.find((each) => each !== leader)!;
  return { world, leader, follower };
}

/** Cut off from everybody for good. */
function isolate(world: World, server: SimServer): void {
  for (const other of world.servers.filter((each) => each !== server)) {
    world.network.cut(server.address, other.address);
    world.network.cut(other.address, server.address);
  }
}

/** Runs the phase with everybody in the core. `sabotage` comes when it has begun. Gives what was found. */
async function found(world: World, sabotage: () => void): Promise<string> {
  world.schedule.after(0.01, undefined, sabotage);
  try {
    await new Liveness(world, world.servers).run();
  } catch (thrown) {
    if (!(thrown instanceof BrokenPromise)) throw thrown;
    return `${thrown.violation.checker}: ${thrown.violation.detail}`;
  }
  return "nothing";
}

/** Runs `sabotage` when the core is asked for a value for the nth time. */
function onRead(world: World, nth: number, sabotage: () => void): void {
  const { history } = world;
  const called = history.called.bind(history);
  let count = 0;
  history.called = (call) => {
    if (call.input.kind === "get") count += 1;
    if (call.input.kind === "get" && count === nth) sabotage();
    return called(call);
  };
}

describe("a healed core", () => {
  test("that is in order passes, and in time", async () => {
    const { world } = await calmWorld();
    expect(await found(world, () => undefined)).toBe("nothing");
  });

  test("must elect a leader", async () => {
    const { world, leader } = await calmWorld();
    leader.crash("lost", true);
    for (const server of world.servers) isolate(world, server);
    expect(await found(world, () => undefined)).toMatch(/^liveness: .* could not elect a leader/);
  });

  test("must write through every one of its servers", async () => {
    const { world, follower } = await calmWorld();
    const client = follower.name;
    const { history } = world;
    const called = history.called.bind(history);
    history.called = (call) => {
      if (call.input.kind === "put" && call.client === `core ${client}`) isolate(world, follower);
      return called(call);
    };
    const text = await found(world, () => undefined);
    expect(text).toContain(`could not write through ${follower.name} within`);
  });

  test("must lead itself, when a server in touch whose disk hangs led it", async () => {
    const { world, leader } = await calmWorld();
    const core = world.servers.filter((each) => each !== leader);
    leader.disk.stall();
    await new Liveness(world, core).run();
    expect(core).toContain(world.leader());
  });

  test("must come to the same state", async () => {
    const { world, follower } = await calmWorld();
    const text = await found(world, () => {
      follower.disk.stall();
    });
    expect(text).toMatch(/^liveness: .* could not come to the same state/);
  });

  test("must be in the same state, bit for bit", async () => {
    const { world, follower } = await calmWorld();
    const text = await found(world, () => {
      follower.replica!.digest = () => "another";
    });
    expect(text).toMatch(/^state-digests: /);
  });

  test("must read through every one of its servers", async () => {
    const { world, follower } = await calmWorld();
    onRead(world, 2, () => {
      isolate(world, follower);
    });
    const text = await found(world, () => undefined);
    expect(text).toContain(`could not read through ${follower.name} within`);
  });

  test("must read before anybody writes", async () => {
    const { world } = await calmWorld();
    onRead(world, 1, () => {
      for (const server of world.servers) isolate(world, server);
    });
    const text = await found(world, () => undefined);
    expect(text).toMatch(/could not read through s\d before a write within/);
  });
});

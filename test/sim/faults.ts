// What can go wrong. Each kind is a function that breaks something now and says how to undo it; undefined = it
// cannot happen at present.
import { between, type Random } from "../../src/base/random.ts";
import { churn } from "./churn.ts";
import { diskStrikes, type Strike } from "./disk-faults.ts";
import type { Fault } from "./fault.ts";
import type { FaultKind } from "./plan.ts";
import { chance, pick, shuffled } from "./random.ts";
import type { SimServer } from "./server.ts";
import type { World } from "./world.ts";

const half = 500_000;

function names(servers: readonly SimServer[]): string {
  return servers.map(({ name }) => name).join(",");
}

interface Cut {
  readonly from: string;
  readonly to: string;
}

function cutAll(world: World, cuts: readonly Cut[], what: string): Fault {
  for (const { from, to } of cuts) world.network.cut(from, to);
  const end = (): void => {
    for (const { from, to } of cuts) world.network.mend(from, to);
  };
  return { what, end };
}

function between2(left: readonly SimServer[], right: readonly SimServer[]): Cut[] {
  return left.flatMap((a) =>
    right.flatMap((b) => [
      { from: a.address, to: b.address },
      { from: b.address, to: a.address },
    ]),
  );
}

function without(world: World, server: SimServer): SimServer[] {
  return world.servers.filter((each) => each !== server);
}

/** With its streams broken at once, as when the link goes down, or silently. */
function isolate(world: World, server: SimServer | undefined, random: Random): Fault | undefined {
  if (server === undefined) return undefined;
  const isNoticed = chance(random, half);
  const cuts = between2([server], without(world, server));
  const fault = cutAll(world, cuts, `${server.name}${isNoticed ? ", noticed at once" : ""}`);
  if (isNoticed) {
    for (const connection of world.network.connectionsOf(server.address)) {
      connection.break("the link is down");
    }
  }
  return fault;
}

const split: Strike = (world, random) => {
  const all = shuffled(random, world.servers);
  const left = all.slice(0, between(random, 1, all.length));
  const right = all.filter((each) => !left.includes(each));
  return cutAll(world, between2(left, right), `${names(left)} | ${names(right)}`);
};

const leaderMinority: Strike = (world, random) => {
  const leader = world.leader();
  if (leader === undefined) return undefined;
  const others = shuffled(random, without(world, leader));
  const small = [leader, ...others.slice(0, Math.floor((world.servers.length - 1) / 2))];
  const rest = others.filter((each) => !small.includes(each));
  return cutAll(world, between2(small, rest), `${names(small)} | ${names(rest)}`);
};

const oneWayCut: Strike = (world, random) => {
  const [victim, ...others] = shuffled(random, world.servers);
  if (victim === undefined) return undefined;
  const some = others.slice(0, between(random, 1, others.length + 1));
  const outward = chance(random, half);
  const cuts = some.map(({ address }) =>
    outward ? { from: victim.address, to: address } : { from: address, to: victim.address },
  );
  const arrow = outward ? "cannot reach" : "is not reached by";
  return cutAll(world, cuts, `${victim.name} ${arrow} ${names(some)}`);
};

/** Two groups that see each other through one server only. */
const bridge: Strike = (world, random) => {
  const [middle, ...others] = shuffled(random, world.servers);
  if (middle === undefined || others.length < 2) return undefined;
  const left = others.slice(0, Math.ceil(others.length / 2));
  const right = others.slice(left.length);
  return cutAll(world, between2(left, right), `${names(left)} | ${middle.name} | ${names(right)}`);
};

const breakStreams: Strike = (world, random) => {
  const server = pick(random, world.up());
  if (server === undefined) return undefined;
  for (const connection of world.network.connectionsOf(server.address)) {
    if (chance(random, half)) connection.break("the connection was reset");
  }
  return { what: server.name };
};

const storm: Strike = (world, random) => {
  const { network } = world;
  const { delayMaxMs: fineMs, delayTailMs } = world.plan.weather;
  const delayMaxMs = between(random, 20, 200);
  network.weather = { ...network.weather, delayMaxMs, delayTailMs: 2 * delayMaxMs };
  const end = (): void => {
    network.weather = { ...network.weather, delayMaxMs: fineMs, delayTailMs };
  };
  return { what: `messages take up to ${delayMaxMs} ms`, end };
};

function crash(servers: readonly SimServer[], random: Random): Fault | undefined {
  const victims = servers.filter((each) => each.isUp);
  if (victims.length === 0) return undefined;
  for (const victim of victims) {
    victim.crash(chance(random, half) ? "kept" : "lost", chance(random, half));
  }
  const end = (): void => {
    for (const victim of victims) if (!victim.isUp && !victim.isRetired) victim.start();
  };
  return { what: names(victims), end };
}

const crashMajority: Strike = (world, random) => {
  const up = shuffled(random, world.up());
  return crash(up.slice(0, Math.floor(up.length / 2) + 1), random);
};

const stopOrderly: Strike = (world, random) => {
  const server = pick(random, world.up());
  if (server === undefined) return undefined;
  server.stopOrderly();
  const end = (): void => {
    // A stop may hang with its disk; then it is killed, as an impatient operator would.
    server.crash("lost", false);
    if (!server.isRetired) server.start();
  };
  return { what: server.name, end };
};

function pause(server: SimServer | undefined): Fault | undefined {
  if (server === undefined || !server.isUp || server.process.isPaused) return undefined;
  const { process } = server;
  server.pause();
  const end = (): void => {
    if (server.process === process) server.resume();
  };
  return { what: server.name, end };
}

function stallDisk(server: SimServer | undefined): Fault | undefined {
  if (server === undefined) return undefined;
  server.disk.stall();
  return { what: server.name, end: () => server.disk.resume() };
}

const slowDisk: Strike = (world, random) => {
  const server = pick(random, world.up());
  if (server === undefined) return undefined;
  const fine = world.plan.disk;
  const latencyMaxMs = between(random, 20, 400);
  server.disk.speed = { ...fine, latencyMaxMs };
  const end = (): void => {
    server.disk.speed = fine;
  };
  return { what: `writes of ${server.name} take up to ${latencyMaxMs} ms`, end };
};

const diskError: Strike = (world, random) => {
  const server = pick(random, world.up());
  if (server === undefined) return undefined;
  server.disk.failNext();
  return { what: `the next write of ${server.name} fails` };
};

const driftClock: Strike = (world, random) => {
  const server = pick(random, world.up());
  if (server === undefined) return undefined;
  const rate = between(random, 80, 126) / 100;
  server.drift(rate);
  return { what: server.name, end: () => server.drift(1) };
};

/** Whoever leads is cut off, and the one before is let back in: logs end in tails that differ. */
const leaderHop: Strike = (world, random) => {
  let current: Fault | undefined;
  let isOver = false;
  const hop = (): void => {
    current?.end?.();
    if (isOver) return;
    current = isolate(world, world.leader(), random) ?? current;
    world.schedule.after(between(random, 150, 900), undefined, hop);
  };
  hop();
  const end = (): void => {
    isOver = true;
    current?.end?.();
    current = undefined;
  };
  return { what: "isolation follows leadership", end };
};

/** While the membership is joint: those of the new half on one side, those of the old half only on the other. */
const splitJoint: Strike = (world, random) => {
  const membership = world.leader()?.replica?.state.membership;
  if (membership === undefined || membership.votersOutgoing.length === 0) return undefined;
  const { voters, votersOutgoing } = membership;
  const isNew = (server: SimServer): boolean => {
    const inBoth = voters.includes(server.peer) && votersOutgoing.includes(server.peer);
    return inBoth ? chance(random, half) : voters.includes(server.peer);
  };
  const left = world.servers.filter(isNew);
  const right = world.servers.filter((each) => !left.includes(each));
  return cutAll(world, between2(left, right), `${names(left)} | ${names(right)}`);
};

/** Disks are slow, and whoever wins an election dies before much of it can be durable. */
const killWinner: Strike = (world, random) => {
  const slow = { ...world.plan.disk, latencyMaxMs: between(random, 20, 120) };
  for (const server of world.servers) server.disk.speed = slow;
  const forget = world.onLed((winner) => {
    world.schedule.after(between(random, 0, 15), undefined, () => {
      // Mostly without a word to the others, or they would elect the next one before this one is back.
      winner.crash(chance(random, half / 5) ? "kept" : "lost", chance(random, 700_000));
      world.schedule.after(between(random, 1, 30), undefined, () => {
        if (!winner.isUp && !winner.isRetired) winner.start();
      });
    });
  });
  const end = (): void => {
    forget();
    for (const server of world.servers) server.disk.speed = world.plan.disk;
  };
  return { what: "winners of elections die", end };
};

/** Confirmations of reads are late, and one follower is behind: what an old confirmation says is old news there. */
const slowControlLane: Strike = (world, random) => {
  const { network } = world;
  const controlLagMs = between(random, 20, 250);
  const tired = pick(
    random,
    world.up().filter((each) => each !== world.leader()),
  );
  network.weather = { ...network.weather, controlLagMs };
  if (tired !== undefined) tired.disk.speed = { latencyMinMs: 20, latencyMaxMs: 200 };
  const end = (): void => {
    network.weather = { ...network.weather, controlLagMs: 0 };
    if (tired !== undefined) tired.disk.speed = world.plan.disk;
  };
  return { what: `control messages take up to ${controlLagMs} ms more`, end };
};

const strikes: Readonly<Partial<Record<FaultKind, Strike>>> = {
  ...diskStrikes,
  "isolate-server": (world, random) => isolate(world, pick(random, world.servers), random),
  "isolate-leader": (world, random) => isolate(world, world.leader(), random),
  split,
  "leader-minority": leaderMinority,
  "one-way-cut": oneWayCut,
  bridge,
  "break-streams": breakStreams,
  storm,
  "crash-server": (world, random) => crash(shuffled(random, world.up()).slice(0, 1), random),
  "crash-leader": (world, random) =>
    crash(
      world.up().filter((each) => each === world.leader()),
      random,
    ),
  "crash-majority": crashMajority,
  "power-failure": (world, random) => crash(world.up(), random),
  "stop-orderly": stopOrderly,
  "pause-server": (world, random) => pause(pick(random, world.up())),
  "pause-leader": (world) => pause(world.leader()),
  "stall-disk": (world, random) => stallDisk(pick(random, world.up())),
  "stall-leader-disk": (world) => stallDisk(world.leader()),
  "slow-disk": slowDisk,
  "disk-error": diskError,
  "drift-clock": driftClock,
  "leader-hop": leaderHop,
  "split-joint": splitJoint,
  "kill-winner": killWinner,
  "slow-control-lane": slowControlLane,
};

export function beginFault(kind: FaultKind, world: World, random: Random): Fault | undefined {
  const strike = strikes[kind];
  return strike === undefined ? churn(kind, world, random) : strike(world, random);
}

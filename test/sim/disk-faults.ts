// What goes wrong with disks. Damage is done only as long as a majority of the voters, in every membership that may be in
// force, has a sound disk: nobody can survive more.
import { between, type Random } from "../../src/base/random.ts";
import { entriesEnd, entriesStart, stateCopyKey, stateKey } from "../../src/storage/level/keys.ts";
import type { Fault } from "./fault.ts";
import { mayLoseData } from "./memberships.ts";
import type { FaultKind } from "./plan.ts";
import { chance, pick, shuffled } from "./random.ts";
import type { Harm, SimServer } from "./server.ts";
import type { SimContent } from "./storage/data-directory.ts";
import type { Rot, Tear } from "./storage/level-files.ts";
import type { Ending } from "./storage/sim-log.ts";
import type { World } from "./world.ts";

export type Strike = (world: World, random: Random) => Fault | undefined;

const half = 500_000;
const million = 1_000_000;
const nameOf = (key: Uint8Array): string => Buffer.from(key).toString("latin1");
const isEntry = (name: string): boolean =>
  name >= nameOf(entriesStart) && name < nameOf(entriesEnd);
const share = (random: Random): number => between(random, 0, million) / million;

function victimOf(world: World, random: Random): SimServer | undefined {
  return shuffled(random, world.up()).find(
    (each) => !each.isRetired && !each.isDamaged && mayLoseData(world, each),
  );
}

/** The machine goes off, something happens to its disk, and it comes back. */
function offAndOn(
  victim: SimServer | undefined,
  { ending, harm }: { readonly ending: Ending; readonly harm: Harm },
): Fault | undefined {
  if (victim === undefined) return undefined;
  victim.crash(ending, true, harm);
  const end = (): void => {
    if (!victim.isUp && !victim.isRetired) victim.start();
  };
  return { what: victim.name, end };
}

/** While it runs, or while it is off. */
function rot(world: World, random: Random, harm: Harm): Fault | undefined {
  const victim = victimOf(world, random);
  if (victim === undefined) return undefined;
  if (chance(random, half)) return offAndOn(victim, { ending: "lost", harm });
  victim.data.flush();
  const done = harm(victim.data.content);
  if (done === undefined) return undefined;
  victim.damage(done);
  return { what: `${victim.name}, which runs` };
}

function rotEntry(random: Random): Harm {
  const where = [share(random), share(random)] as const;
  return ({ log }) => {
    log.flush();
    const entries = log.names().filter(isEntry);
    const name = entries[Math.floor(where[0] * entries.length)];
    return name === undefined ? undefined : log.flipTable(name, where[1]);
  };
}

function rotState(random: Random, keys: readonly Uint8Array[]): Harm {
  const where = share(random);
  return ({ log }) => {
    log.flush();
    return allOf(keys.map((key) => log.flipTable(nameOf(key), where)));
  };
}

function allOf(rots: readonly (Rot | undefined)[]): Rot | undefined {
  const done = rots.filter((each) => each !== undefined);
  if (done.length === 0) return undefined;
  return {
    what: done.map(({ what }) => what).join(" and "),
    isThere: () => done.some((each) => each.isThere()),
    mend: () => {
      for (const each of done) each.mend();
    },
  };
}

function rotSnapshot(random: Random): Harm {
  const where = share(random);
  return ({ snapshots }: SimContent) => {
    const { file } = snapshots;
    if (file === undefined) return undefined;
    const damaged = Buffer.from(file);
    const at = Math.floor(where * file.length);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
    snapshots.file = damaged;
    const isThere = (): boolean => snapshots.file === damaged;
    const mend = (): void => {
      if (isThere()) snapshots.file = file;
    };
    return { what: "a bit of the snapshot", isThere, mend };
  };
}

function tearOf(random: Random): Tear {
  return { kind: chance(random, half) ? "cut" : "zero-sector", share: share(random) };
}

const tearWrite: Strike = (world, random) => {
  const [victim] = shuffled(random, world.up());
  return offAndOn(victim, { ending: tearOf(random), harm: () => undefined });
};

const diskFull: Strike = (world, random) => {
  const server = pick(random, world.up());
  if (server === undefined) return undefined;
  server.disk.fill();
  return { what: server.name, end: () => server.disk.makeRoom() };
};

const rotWal: Strike = (world, random) => {
  const where = [share(random), share(random)] as const;
  const harm: Harm = ({ log }) => log.flipWal(where[0], where[1]);
  return offAndOn(victimOf(world, random), { ending: "lost", harm });
};

const rotLastWrite: Strike = (world, random) => {
  const where = share(random);
  const harm: Harm = ({ log }) => log.flipWal(1, where);
  return offAndOn(victimOf(world, random), { ending: "lost", harm });
};

const forgetWrite: Strike = (world, random) => {
  const where = share(random);
  const hasEntry = (operations: readonly { readonly key: Buffer }[]): boolean =>
    operations.some(({ key }) => isEntry(nameOf(key)));
  const harm: Harm = ({ log }) => log.forget(where, hasEntry);
  return offAndOn(victimOf(world, random), { ending: "lost", harm });
};

/** A copy of a chunk, as long as another server has a sound one. */
const rotChunk: Strike = (world, random) => {
  const up = shuffled(random, world.up());
  for (const victim of up) {
    const { chunks } = victim.data.content;
    const digest = pick(random, [...chunks.keys()].sort());
    const bytes = digest === undefined ? undefined : chunks.get(digest);
    if (digest === undefined || bytes === undefined || bytes.length === 0) continue;
    if (!world.chunkRot.mayDamage(digest, victim)) continue;
    const damaged = Uint8Array.from(bytes);
    const at = between(random, 0, bytes.length);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
    chunks.set(digest, damaged);
    world.chunkRot.done(damaged);
    return { what: `chunk ${digest.slice(0, 12)} of ${victim.name}` };
  }
  return undefined;
};

export const diskStrikes: Readonly<Partial<Record<FaultKind, Strike>>> = {
  "tear-write": tearWrite,
  "disk-full": diskFull,
  "rot-wal": rotWal,
  "rot-last-write": rotLastWrite,
  "rot-entry": (world, random) => rot(world, random, rotEntry(random)),
  "rot-hard-state": (world, random) =>
    offAndOn(victimOf(world, random), {
      ending: "lost",
      harm: rotState(random, [stateKey, stateCopyKey]),
    }),
  "rot-hard-state-copy": (world, random) =>
    offAndOn(victimOf(world, random), {
      ending: "lost",
      harm: rotState(random, [chance(random, half) ? stateKey : stateCopyKey]),
    }),
  "rot-snapshot": (world, random) => rot(world, random, rotSnapshot(random)),
  "forget-write": forgetWrite,
  "rot-chunk": rotChunk,
};

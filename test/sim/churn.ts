// Membership changes, asked of whoever leads, as the registry would: learners come, voters go, leadership is
// handed over. Refusals are fine; what counts is what the log makes of the accepted ones.

import { type Index, noIndex, type PeerId } from "../../src/base/numbers.ts";
import { between, type Random } from "../../src/base/random.ts";
import type { MembershipStep, MembershipTransition } from "../../src/raft/types.ts";
import type { MembershipInForce } from "../../src/state/reader.ts";
import type { Fault } from "./fault.ts";
import { codeOf } from "./outcome.ts";
import type { FaultKind } from "./plan.ts";
import { betweenFine, chance, pick, shuffled } from "./random.ts";
import type { SimServer } from "./server.ts";
import type { World } from "./world.ts";

export interface Change {
  readonly transition?: MembershipTransition;
  readonly steps: readonly MembershipStep[];
  readonly added?: readonly SimServer[];
  /** Only if the membership is still the one of this revision. */
  readonly ifRevision?: Index;
}

/** Beyond the founders; each needs a machine of its own. */
const newcomersMax = 5;
const changeDeadlineMs = 3000;
const actor = "churn";

/** Asks for the change; what becomes of it is noted. */
export function propose(leader: SimServer, change: Change): void {
  const added = (change.added ?? []).map(({ peer, profile }) => ({ peerId: peer, profile }));
  const request = {
    transition: change.transition ?? "auto",
    steps: change.steps,
    context: { atMs: 2, actor, reason: "churn", added },
    ifRevision: change.ifRevision ?? noIndex,
  } as const;
  leader.enter((replica) => {
    replica.proposeMembership(request, { actor, deadlineMs: changeDeadlineMs }).then(
      () => leader.note("its membership change is in force"),
      (thrown: unknown) => leader.note(`its membership change ended: ${codeOf(thrown)}`),
    );
  });
}

/** A new machine, started; the id of a removed server is given out again now and then. */
function newcomer(world: World, random: Random): SimServer | undefined {
  if (world.servers.length >= world.plan.servers + newcomersMax) return undefined;
  const taken = new Set(
    world.servers
      .filter((each) => !each.isRetired || each.isToReturn)
      .map(({ profile }) => profile.serverId),
  );
  const free = world.servers
    .map(({ profile }) => profile.serverId)
    .filter((serverId) => !taken.has(serverId));
  const reused = chance(random, 400_000) ? pick(random, free) : undefined;
  const server = world.addServer(reused);
  server.start();
  return server;
}

function stepsText(steps: readonly MembershipStep[]): string {
  return steps.map(({ kind, peer }) => `${kind} s${peer}`).join(", ");
}

/** A voter whose data may be gone. */
function isAnyDamaged(world: World, { voters, votersOutgoing }: MembershipInForce): boolean {
  return [...voters, ...votersOutgoing].some((peer) => world.servers[peer - 1]?.isDamaged === true);
}

/**
 * Fewer voters than this would make the rest of the run a test of patience; and while some have lost their data, the
 * others are needed.
 */
function mayLose(world: World, membership: MembershipInForce): boolean {
  const { voters } = membership;
  if (isAnyDamaged(world, membership)) return false;
  return voters.length > Math.max(world.plan.votersMin, world.plan.servers - 2);
}

function soundLearners(world: World, { learners }: MembershipInForce): readonly PeerId[] {
  return learners.filter((peer) => world.servers[peer - 1]?.isDamaged !== true);
}

type Plan = (world: World, random: Random, membership: MembershipInForce) => Change | undefined;

const transitions = ["auto", "joint-implicit", "joint-explicit"] as const;

const plans: Readonly<Partial<Record<FaultKind, Plan>>> = {
  "add-learner": (world, random) => {
    const added = newcomer(world, random);
    return added && { steps: [{ kind: "add-learner", peer: added.peer }], added: [added] };
  },
  "add-voter": (world, random) => {
    const added = newcomer(world, random);
    return added && { steps: [{ kind: "add-voter", peer: added.peer }], added: [added] };
  },
  promote: (world, random, membership) => {
    const peer = pick(random, soundLearners(world, membership));
    return peer && { steps: [{ kind: "add-voter", peer }] };
  },
  demote: (world, random, membership) => {
    const peer = pick(random, membership.voters);
    if (peer === undefined || !mayLose(world, membership)) return undefined;
    return {
      transition: pick(random, transitions) ?? "auto",
      steps: [{ kind: "add-learner", peer }],
    };
  },
  remove: (world, random, membership) => {
    const { voters, learners } = membership;
    const peer = pick(random, mayLose(world, membership) ? [...voters, ...learners] : learners);
    return peer && { steps: [{ kind: "remove", peer }] };
  },
  replace: (world, random, membership) => {
    const count = between(random, 1, 3);
    if (isAnyDamaged(world, membership)) return undefined;
    const gone = shuffled(random, membership.voters).slice(0, count);
    const present = pick(random, soundLearners(world, membership));
    const added = present === undefined ? newcomer(world, random) : undefined;
    const peer = added?.peer ?? present;
    if (peer === undefined || (count > 1 && !mayLose(world, membership))) return undefined;
    const steps: MembershipStep[] = [
      { kind: "add-voter", peer },
      ...gone.map((each): MembershipStep => ({ kind: "remove", peer: each })),
    ];
    const transition = pick(random, transitions) ?? "auto";
    return { transition, steps, added: added === undefined ? [] : [added] };
  },
  "leave-joint": (_world, _random, { votersOutgoing }) =>
    votersOutgoing.length > 0 ? { steps: [] } : undefined,
};

interface Transfer {
  readonly leader: SimServer;
  readonly to: PeerId;
  readonly deadlineMs: number;
  /** The target cannot be reached: the transfer has to be given up. */
  readonly isIsolated: boolean;
}

function transfer(world: World, { leader, to, deadlineMs, isIsolated }: Transfer): Fault {
  const target = world.servers[to - 1];
  const cut = isIsolated && target !== undefined ? target : undefined;
  const others = world.servers.filter((each) => each !== cut);
  if (cut !== undefined) for (const { address } of others) world.network.cut(address, cut.address);
  leader.enter((replica) => {
    replica.transferLeadership(to, deadlineMs).then(
      () => leader.note("has handed leadership over"),
      (thrown: unknown) => leader.note(`handing over ended: ${codeOf(thrown)}`),
    );
  });
  const what = `${leader.name} hands over to s${to}`;
  if (cut === undefined) return { what };
  const end = (): void => {
    for (const { address } of others) world.network.mend(address, cut.address);
  };
  return { what: `${what}, which hears nothing`, end };
}

export function churn(kind: FaultKind, world: World, random: Random): Fault | undefined {
  const leader = world.leader();
  const membership = leader?.replica?.state.membership;
  if (leader === undefined || membership === undefined || leader.process.isPaused) return undefined;
  if (kind === "transfer" || kind === "transfer-to-isolated") {
    const to = pick(random, membership.voters);
    if (to === undefined) return undefined;
    const deadlineMs = betweenFine(random, 100, 3000);
    return transfer(world, { leader, to, deadlineMs, isIsolated: kind !== "transfer" });
  }
  const change = plans[kind]?.(world, random, membership);
  if (change === undefined) return undefined;
  propose(leader, change);
  // An impatient operator asks for the next one before the first is in force.
  const next = chance(random, 250_000) ? plans["remove"]?.(world, random, membership) : undefined;
  if (next !== undefined) propose(leader, next);
  const how = change.steps.length === 0 ? "leave" : stepsText(change.steps);
  return { what: `${leader.name} is asked to ${how} (${change.transition ?? "auto"})` };
}

// What the others do about a server whose data was found damaged, as the registry would: its machine comes back with an
// empty directory under a new peer id, in one change with the removal of the old one, and is promoted when it has caught up.
import { noIndex, type PeerId } from "../../src/base/numbers.ts";
import type { Random } from "../../src/base/random.ts";
import type { MembershipStep } from "../../src/raft/types.ts";
import { readmissionSteps } from "../../src/registry/readmission.ts";
import type { MembershipInForce } from "../../src/state/reader.ts";
import { propose } from "./churn.ts";
import { betweenFine, splitRandom } from "./random.ts";
import type { SimServer } from "./server.ts";
import type { World } from "./world.ts";

export class Readmission {
  readonly #world: World;
  readonly #random: Random;
  #isStopped = false;
  /** Changes that put a new peer id in the place of a damaged one, seen in force. */
  done = 0;

  constructor(world: World) {
    this.#world = world;
    this.#random = splitRandom(world.plan.seed, "readmission");
  }

  /** Nothing new is asked for. */
  stop(): void {
    this.#isStopped = true;
  }

  start(): void {
    this.#world.onQuarantined((old) => {
      this.#begin(old);
    });
  }

  /** `old` never runs again. */
  #begin(old: SimServer): void {
    this.#later(1500, () => {
      const fresh = this.#world.addServer(old.profile.serverId, old.data.content.chunks);
      old.note(`comes back as ${fresh.name}, with nothing but its chunks`);
      fresh.start();
      this.#follow(fresh, false);
    });
  }

  #later(maxMs: number, act: () => void): void {
    this.#world.schedule.after(betweenFine(this.#random, 50, maxMs), undefined, () => {
      if (!this.#isStopped) act();
    });
  }

  /** `wasIn` = the new peer has been a member. */
  #follow(fresh: SimServer, wasIn: boolean): void {
    this.#later(400, () => {
      if (fresh.isRetired) return;
      const leader = this.#world.leader();
      const membership =
        leader?.process.isPaused === false ? leader.replica?.state.membership : undefined;
      if (leader === undefined || membership === undefined) {
        this.#follow(fresh, wasIn);
        return;
      }
      const isIn = isMember(membership, fresh);
      if (isIn && !wasIn) this.done += 1;
      if (membership.voters.includes(fresh.peer) || (wasIn && !isIn)) return;
      this.#ask(leader, { steps: this.#stepsFor(membership, fresh), fresh });
      this.#follow(fresh, wasIn || isIn);
    });
  }

  #stepsFor(membership: MembershipInForce, fresh: SimServer): readonly MembershipStep[] {
    if (isMember(membership, fresh)) return [{ kind: "add-voter", peer: fresh.peer }];
    const { serverId } = fresh.profile;
    // Not always the one before: that may have been damaged before it was ever a member.
    const old = members(membership).find(
      (peer) => this.#world.servers[peer - 1]?.profile.serverId === serverId,
    );
    if (old !== undefined) return readmissionSteps(old, fresh.peer);
    // Somebody has removed the old one meanwhile.
    return [{ kind: "add-learner", peer: fresh.peer }];
  }

  #ask(leader: SimServer, wish: { steps: readonly MembershipStep[]; fresh: SimServer }): void {
    const isNew = wish.steps.some(({ kind }) => kind === "add-learner");
    const ifRevision = leader.replica?.status().membershipRevision ?? noIndex;
    propose(leader, { steps: wish.steps, added: isNew ? [wish.fresh] : [], ifRevision });
  }
}

function members({ voters, learners, votersOutgoing }: MembershipInForce): readonly PeerId[] {
  return [...voters, ...learners, ...votersOutgoing];
}

function isMember(membership: MembershipInForce, { peer }: SimServer): boolean {
  return members(membership).includes(peer);
}

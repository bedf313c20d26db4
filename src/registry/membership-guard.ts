// What makes a change of the membership unsafe now. Only the leader can tell: it knows who follows how far, and asks the
// voters what they hold.
import { QuorateError } from "../base/errors.ts";
import type { PeerId } from "../base/numbers.ts";
import type { Replica } from "../replica/contract.ts";
import { replicaErrors } from "../replica/errors.ts";
import { callJson, handleOnPeer, jsonCall } from "../replica/json-call.ts";
import type { ServerRow } from "../state/rows.ts";
import { registryErrors } from "./errors.ts";
import type { PeerActivity } from "./peer-activity.ts";

const inventoryDeadlineMs = 2000;

const inventoryCall = jsonCall<null, { readonly lacking: number }>("registry.inventory");

export interface MembershipGuardModules {
  readonly replica: Replica;
  readonly activity: PeerActivity;
  /** Chunks of committed resources that this server has not got yet. */
  readonly lackingChunks: () => number;
}

export class MembershipGuard {
  readonly #modules: MembershipGuardModules;

  constructor(modules: MembershipGuardModules) {
    this.#modules = modules;
    handleOnPeer(modules.replica.leaderLink, inventoryCall, () => this.#inventoryHere());
  }

  /** A voter counts toward the majority that holds every chunk, so it must hold all of them first. */
  async refuseIncomplete({ peerId: peer, profile }: ServerRow, deadlineMs: number): Promise<void> {
    let lacking: number;
    try {
      lacking = await this.#lackingAt(peer, deadlineMs);
    } catch (cause) {
      throw registryErrors.NOT_CAUGHT_UP(`${profile.serverId} does not say what it holds`, {
        cause,
      });
    }
    if (lacking === 0) return;
    throw registryErrors.NOT_CAUGHT_UP(
      `${profile.serverId} still lacks ${String(lacking)} chunks of resources`,
      { fields: { lacking } },
    );
  }

  // What is committed now counts, not what this server happens to have applied.
  async #inventoryHere(): Promise<{ readonly lacking: number }> {
    await this.#modules.replica.barrier(inventoryDeadlineMs);
    return { lacking: this.#modules.lackingChunks() };
  }

  async #lackingAt(peer: PeerId, deadlineMs: number): Promise<number> {
    const target = { peer, deadlineMs: Math.min(deadlineMs, inventoryDeadlineMs) };
    const call = { call: inventoryCall, request: null };
    return (await callJson(this.#modules.replica.leaderLink, call, target)).lacking;
  }

  /** No change may leave the bytes of a committed resource on less than a majority of the voters. */
  async refuseByteLoss(row: ServerRow, deadlineMs: number): Promise<void> {
    const { state } = this.#modules.replica;
    if (row.role !== "voter" || state.liveDigests().length === 0) return;
    const remaining = state.membership.voters.filter((voter) => voter !== row.peerId);
    const answers = await Promise.allSettled(
      remaining.map((voter) => this.#lackingAt(voter, deadlineMs)),
    );
    const complete = answers.filter(
      (answer) => answer.status === "fulfilled" && answer.value === 0,
    ).length;
    const needed = Math.floor(remaining.length / 2) + 1;
    if (complete >= needed) return;
    throw registryErrors.WOULD_LOSE_BYTES(
      `without ${row.profile.serverId} ${String(complete)} of ${String(remaining.length)} voters would hold all resources, ${String(needed)} are needed`,
      { fields: { complete, needed } },
    );
  }

  async refuseQuorumLoss(row: ServerRow): Promise<void> {
    const { replica, activity } = this.#modules;
    const remaining = replica.state.membership.voters.filter((voter) => voter !== row.peerId);
    const needed = Math.floor(remaining.length / 2) + 1;
    const activeOf = (peers: ReadonlySet<PeerId>): number =>
      remaining.filter((voter) => peers.has(voter)).length;
    const active = activeOf(await activity.heard((peers) => activeOf(peers) >= needed));
    if (remaining.length > 0 && active >= needed) return;
    if (replica.status().role !== "leader") throw replicaErrors.NOT_LEADER("leadership has ended");
    throw registryErrors.WOULD_LOSE_QUORUM(
      `without ${row.profile.serverId} ${String(active)} of ${String(remaining.length)} voters would answer, ${String(needed)} are needed`,
      { fields: { active, needed } },
    );
  }

  /**
   * What forbids it for now is no fault of the server that asks: it asks again. The bytes that its old directory held are no
   * reason: nobody can fetch them from there as long as it is not admitted, and it votes only once it has all.
   */
  async refuseUnsafeReadmission(row: ServerRow): Promise<void> {
    try {
      await this.refuseQuorumLoss(row);
    } catch (cause) {
      if (!(cause instanceof QuorateError) || cause.kind !== "precondition") throw cause;
      throw registryErrors.NOT_READMITTED_YET(cause.message, { cause });
    }
  }
}

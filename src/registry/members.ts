// Who belongs to the cluster. Every change is carried whole to the leader, which alone knows who follows how far
// and whether a change is safe; it refuses with the reason otherwise.

import { isDeepStrictEqual } from "node:util";
import type { WallClock } from "../base/clock.ts";
import { QuorateError } from "../base/errors.ts";
import { type Index, noPeer, noSession, type PeerId, peerId } from "../base/numbers.ts";
import type { MembershipStep } from "../replica/contract.ts";
import { replicaErrors } from "../replica/errors.ts";
import { callJson, handleOnLeader, type JsonCall, jsonCall } from "../replica/json-call.ts";
import type { MembershipContext } from "../state/commands.ts";
import type { ServerProfile, ServerRow } from "../state/rows.ts";
import type { CallOptions, Liveness, Members, MembershipOutcome, ServerView } from "./contract.ts";
import { registryErrors, superseded } from "./errors.ts";
import {
  type Admission,
  decodeHelloAnswer,
  encodeHelloRequest,
  type HelloAnswer,
} from "./hello.ts";
import type { RenewalTable } from "./lease-table.ts";
import { MembershipGuard, type MembershipGuardModules } from "./membership-guard.ts";
import { readmissionSteps } from "./readmission.ts";
import { isAnswerOf } from "./sighting.ts";

/** How far behind the commit index a learner may be to count as caught up. */
const promotionLagEntriesMax = 1000;
/** How long a server that is to be added may take to say who it is. */
const helloDeadlineMs = 2000;
/** How long a list waits for the leader's word on liveness; it is wanted most when there is no leader. */
const livenessDeadlineMs = 1000;

/** A change as it travels to the leader. */
interface Change<Request> {
  readonly request: Request;
  readonly actor: string;
  readonly deadlineMs: number;
}
interface ByServer {
  readonly serverId: string;
}

export interface JoinRequest {
  readonly profile: ServerProfile;
  /** What happened to the data that this server had as a member; undefined = it knows of none. */
  readonly lost?: string | undefined;
}

/** One data directory of one server. */
type Identity = Pick<ServerProfile, "serverId" | "incarnation">;

/** One change of the membership, with the membership it was judged by (default: the present one). */
interface Proposal {
  readonly steps: readonly MembershipStep[];
  readonly text: string;
  readonly added: MembershipContext["added"];
  readonly membershipRevision?: Index;
}

/** What `proposeMembership` says when somebody else was quicker. */
const overtaken = new Set([
  "QUORATE_RAFT_MEMBERSHIP_PENDING",
  "QUORATE_REPLICA_MEMBERSHIP_CHANGED",
]);

const livenessCall = jsonCall<null, Readonly<Record<string, Liveness>>>("registry.liveness");
const addCall = jsonCall<Change<{ readonly peerAddress: string }>, MembershipOutcome>(
  "registry.add",
);
const belongsCall = jsonCall<Identity, null>("registry.belongs");
const joinCall = jsonCall<Change<JoinRequest>, Admission>("registry.join");
const promoteCall = jsonCall<Change<ByServer>, MembershipOutcome>("registry.promote");
const removeCall = jsonCall<Change<ByServer>, MembershipOutcome>("registry.remove");
const transferCall = jsonCall<Change<ByServer>, MembershipOutcome>("registry.transfer");

export interface MemberOptions {
  readonly clusterId: string;
  readonly generation: number;
}

/** A member is at `address` now, although the table still says `recorded`. */
export interface NewAddress {
  readonly peerId: PeerId;
  readonly recorded: string;
  readonly address: string;
}

export interface MemberModules extends MembershipGuardModules {
  readonly leases: RenewalTable;
  readonly wallClock: WallClock;
  /** A member told its new address: it is to be used here at once, before the table says so. */
  readonly onMoved: (news: NewAddress) => void;
  /** Asks an address that is not a member yet (transport's hello). */
  readonly hello: (address: string, request: Uint8Array, deadlineMs: number) => Promise<Uint8Array>;
}

export class MemberService implements Members {
  readonly #options: MemberOptions;
  readonly #modules: MemberModules;
  readonly #guard: MembershipGuard;

  constructor(options: MemberOptions, modules: MemberModules) {
    this.#options = options;
    this.#modules = modules;
    const { leaderLink } = modules.replica;
    this.#guard = new MembershipGuard(modules);
    handleOnLeader(leaderLink, livenessCall, () => Promise.resolve(this.#livenessHere()));
    handleOnLeader(leaderLink, addCall, (change) => this.#addHere(change));
    handleOnLeader(leaderLink, belongsCall, (server) => this.#belongsHere(server));
    handleOnLeader(leaderLink, joinCall, (change) => this.#admitHere(change));
    handleOnLeader(leaderLink, promoteCall, (change) => this.#promoteHere(change));
    handleOnLeader(leaderLink, removeCall, (change) => this.#removeHere(change));
    handleOnLeader(leaderLink, transferCall, (change) => this.#transferHere(change));
  }

  answering(): ReadonlySet<PeerId> {
    return this.#modules.activity.answering();
  }

  async list(options: CallOptions): Promise<readonly ServerView[]> {
    const { replica } = this.#modules;
    const liveness = await this.#leadersWord(options.deadlineMs);
    const { leader } = replica.status();
    return replica.state.servers().map((row) => ({
      row,
      liveness: liveness[row.profile.serverId] ?? "unknown",
      session: replica.state.activeSession(row.profile.serverId)?.session ?? noSession,
      leader: row.peerId === leader && leader !== noPeer,
    }));
  }

  add(request: { readonly peerAddress: string }, options: CallOptions): Promise<MembershipOutcome> {
    return this.#forward(addCall, request, options);
  }

  /**
   * Admits the empty server that describes itself; called for a hello of kind `join`. A member that has lost its data is
   * admitted anew. Rejects with SERVER_ID_TAKEN, NOT_READMITTED_YET, SERVER_REMOVED or CHANGE_UNDER_WAY.
   */
  join(request: JoinRequest, options: CallOptions): Promise<Admission> {
    return this.#forward(joinCall, request, options);
  }

  /**
   * A member tells its addresses through another one, because nobody can answer it at those of the table, or because
   * the others may have been told wrong ones. Rejects with NOT_SEEN_THERE, and nothing changes, when it does not answer
   * there.
   */
  async moved(profile: ServerProfile, options: CallOptions): Promise<void> {
    // A server that has just been started may not have read its own log yet.
    if (!this.#knows(profile)) await this.#modules.replica.barrier(options.deadlineMs);
    const row = this.#member(profile.serverId);
    if (row.profile.incarnation !== profile.incarnation) {
      throw superseded(profile.serverId);
    }
    const { peerId, profile: recorded } = row;
    const { peerAddress: address } = profile;
    const { actor, deadlineMs } = options;
    await this.#refuseUnseen(profile, Math.min(helloDeadlineMs, deadlineMs / 4));
    // Without it the table might never follow: two of three that came back elsewhere have no leader to write it.
    this.#modules.onMoved({ peerId, recorded: recorded.peerAddress, address });
    // A server that only tells where it has always been leaves no trace in the log.
    if (isDeepStrictEqual(recorded, profile)) return;
    await this.#modules.replica.submit({ kind: "update-server", profile }, { actor, deadlineMs });
  }

  /** An address that only the server itself can reach would take the place of one that works. */
  async #refuseUnseen(profile: ServerProfile, deadlineMs: number): Promise<void> {
    const { serverId, peerAddress } = profile;
    const { clusterId } = this.#options;
    const isThere = await this.#ask(peerAddress, deadlineMs).then(
      (answer) => isAnswerOf(answer, { ...profile, clusterId }),
      () => false,
    );
    if (isThere) return;
    throw registryErrors.NOT_SEEN_THERE(`${serverId} does not answer at ${peerAddress}`);
  }

  /**
   * Rejects with SERVER_REMOVED when that server was taken out of the cluster, or another one runs under its id by now;
   * with SUPERSEDED when the member under its id has another data directory and does not answer; by everything that was
   * committed before the question. Without a leader there is no answer: a minority may not have heard of a return.
   */
  async belongs({ serverId, incarnation }: Identity, deadlineMs: number): Promise<void> {
    await this.#modules.replica.barrier(deadlineMs);
    // Who must be told that it is gone is told by the leader, which alone knows whether another one runs in its place.
    const request = { serverId, incarnation };
    if (this.#knows(request)) return;
    const { leaderLink } = this.#modules.replica;
    await callJson(leaderLink, { call: belongsCall, request }, { deadlineMs });
  }

  /** What a server that an operator added is told; undefined as long as nobody did. */
  admissionOf(profile: ServerProfile): Admission | undefined {
    return this.#knows(profile)
      ? this.#admission(this.#member(profile.serverId).peerId)
      : undefined;
  }

  promote(request: ByServer, options: CallOptions): Promise<MembershipOutcome> {
    return this.#forward(promoteCall, request, options);
  }

  remove(request: ByServer, options: CallOptions): Promise<MembershipOutcome> {
    return this.#forward(removeCall, request, options);
  }

  transferLeadership(request: ByServer, options: CallOptions): Promise<MembershipOutcome> {
    return this.#forward(transferCall, request, options);
  }

  async setAdminState(
    request: Parameters<Members["setAdminState"]>[0],
    options: CallOptions,
  ): Promise<MembershipOutcome> {
    const row = this.#member(request.serverId);
    const { revision } = await this.#modules.replica.submit(
      { kind: "set-admin-state", ...request },
      { actor: options.actor, deadlineMs: options.deadlineMs },
    );
    return {
      serverId: request.serverId,
      peerId: row.peerId,
      revision,
      text: `now ${request.admin}`,
    };
  }

  #forward<Request, Answer>(
    call: JsonCall<Change<Request>, Answer>,
    request: Request,
    options: CallOptions,
  ): Promise<Answer> {
    const { actor, deadlineMs } = options;
    return callJson(
      this.#modules.replica.leaderLink,
      { call, request: { request, actor, deadlineMs } },
      { deadlineMs },
    );
  }

  async #leadersWord(deadlineMs: number): Promise<Readonly<Record<string, Liveness>>> {
    try {
      return await callJson(
        this.#modules.replica.leaderLink,
        { call: livenessCall, request: null },
        { deadlineMs: Math.min(deadlineMs / 2, livenessDeadlineMs) },
      );
    } catch (error) {
      // Without a leader the list is still wanted, most of all then: every server shows as `unknown`.
      if (
        error instanceof QuorateError &&
        (error.kind === "unavailable" || error.kind === "unknown")
      )
        return {};
      throw error;
    }
  }

  #livenessHere(): Readonly<Record<string, Liveness>> {
    const { replica, activity } = this.#modules;
    const active = activity.answering();
    return Object.fromEntries(
      replica.state.servers().map((row) => [row.profile.serverId, this.#livenessOf(row, active)]),
    );
  }

  #livenessOf(row: ServerRow, active: ReadonlySet<PeerId>): Liveness {
    const { serverId, capacity } = row.profile;
    const answers = active.has(row.peerId);
    if (capacity === 0) return answers ? "up" : "down";
    const session = this.#modules.replica.state.activeSession(serverId);
    if (session === undefined) return answers ? "suspect" : "down";
    return answers && !this.#modules.leases.suspect(serverId) ? "up" : "suspect";
  }

  async #addHere(change: Change<{ readonly peerAddress: string }>): Promise<MembershipOutcome> {
    const { peerAddress } = change.request;
    // Half of the caller's time at most: "nobody answers there" must arrive before the caller gives up.
    const answer = await this.#ask(peerAddress, Math.min(helloDeadlineMs, change.deadlineMs / 2));
    if (answer.kind === "member" && answer.clusterId === this.#options.clusterId) {
      const row = this.#member(answer.serverId);
      return this.#outcome(row, this.#modules.replica.revision, "is a member already");
    }
    if (answer.kind !== "candidate" || answer.proposal !== null) {
      throw registryErrors.NOT_EMPTY(
        `the server at ${peerAddress} belongs to a cluster, or is forming one`,
      );
    }
    const { profile } = answer;
    await this.#admitHere({ ...change, request: { profile } });
    return this.#outcome(
      this.#member(profile.serverId),
      this.#modules.replica.revision,
      "added as learner",
    );
  }

  async #ask(address: string, deadlineMs: number): Promise<HelloAnswer> {
    try {
      const request = encodeHelloRequest({ kind: "ask" });
      return decodeHelloAnswer(await this.#modules.hello(address, request, deadlineMs));
    } catch (cause) {
      throw registryErrors.ADDRESS_SILENT(`no server answers at ${address}`, {
        cause,
        fields: { address },
      });
    }
  }

  async #admitHere(change: Change<JoinRequest>): Promise<Admission> {
    const { replica } = this.#modules;
    const { profile, lost } = change.request;
    const known = replica.state.server(profile.serverId);
    if (known !== undefined && known.role !== "removed") {
      if (known.profile.incarnation === profile.incarnation) return this.#admission(known.peerId);
      return await this.#readmitHere(change, known);
    }
    if (lost !== undefined) throw removed(profile.serverId);
    const peer = this.#nextPeer();
    await this.#propose(change, {
      steps: [{ kind: "add-learner", peer }],
      text: "added as learner",
      added: [{ peerId: peer, profile }],
    });
    return this.#admission(peer);
  }

  /** Rows of removed servers stay, so the highest id ever allotted is always in the table. */
  #nextPeer(): PeerId {
    const rows = this.#modules.replica.state.servers();
    return peerId(Math.max(0, ...rows.map((row) => row.peerId)) + 1);
  }

  async #belongsHere(server: Identity): Promise<null> {
    const { replica, activity } = this.#modules;
    const { serverId } = server;
    const row = replica.state.server(serverId);
    if (row === undefined) {
      throw registryErrors.UNKNOWN_SERVER(`there is no server ${serverId} in this cluster`);
    }
    if (this.#knows(server)) return null;
    if (row.role === "removed") throw removed(serverId);
    const isSilent = await activity.fallsSilent(row.peerId);
    // Who leads no longer hears nobody: the next leader is asked again.
    if (replica.status().role !== "leader") throw replicaErrors.NOT_LEADER("leadership has ended");
    if (isSilent) throw superseded(serverId);
    throw registryErrors.SERVER_REMOVED(
      `${serverId} runs with another data directory by now, which took the place of this one`,
    );
  }

  async #readmitHere(change: Change<JoinRequest>, known: ServerRow): Promise<Admission> {
    const { replica, activity } = this.#modules;
    const { profile, lost = "its data directory was empty" } = change.request;
    const { membershipRevision } = replica.status();
    if (!(await activity.fallsSilent(known.peerId))) {
      throw registryErrors.SERVER_ID_TAKEN(
        `${profile.serverId} is a member that answers, with another data directory (incarnation ${known.profile.incarnation})`,
      );
    }
    await this.#guard.refuseUnsafeReadmission(known);
    const peer = this.#nextPeer();
    await this.#propose(change, {
      steps: readmissionSteps(known.peerId, peer),
      text: `admitted anew: ${lost}`,
      added: [{ peerId: peer, profile }],
      membershipRevision,
    });
    return this.#admission(peer);
  }

  #admission(peer: PeerId): Admission {
    const members = this.#modules.replica.state
      .servers()
      .filter(({ role }) => role !== "removed")
      .map((row) => ({ peerId: row.peerId, peerAddress: row.profile.peerAddress }));
    return { ...this.#options, peerId: peer, members };
  }

  async #promoteHere(change: Change<ByServer>): Promise<MembershipOutcome> {
    const { replica, activity } = this.#modules;
    const row = this.#member(change.request.serverId);
    const answering = await activity.heard((peers) => peers.has(row.peerId));
    if (row.role === "voter") return this.#outcome(row, replica.revision, "is a voter already");
    const status = replica.status();
    const peer = status.peers.find(({ peerId: id }) => id === row.peerId);
    const lag = status.commit - (peer?.match ?? 0);
    if (!answering.has(row.peerId) || lag > promotionLagEntriesMax) {
      throw registryErrors.NOT_CAUGHT_UP(
        `${row.profile.serverId} is ${String(lag)} entries behind or does not answer`,
      );
    }
    const { membershipRevision } = status;
    await this.#guard.refuseIncomplete(row, change.deadlineMs);
    return this.#change(change, row, {
      steps: [{ kind: "add-voter", peer: row.peerId }],
      text: "promoted to voter",
      membershipRevision,
    });
  }

  async #removeHere(change: Change<ByServer>): Promise<MembershipOutcome> {
    const { replica } = this.#modules;
    const row = this.#member(change.request.serverId);
    const { membershipRevision } = replica.status();
    await this.#guard.refuseQuorumLoss(row);
    await this.#guard.refuseByteLoss(row, change.deadlineMs);
    if (row.peerId === replica.status().peerId && replica.state.membership.voters.length > 1) {
      await replica.transferLeadership(noPeer, change.deadlineMs);
      // Whoever asks goes on to the next leader: this server might be gone before it could pass the answer on.
      throw replicaErrors.NOT_LEADER("leadership was handed over first");
    }
    return this.#change(change, row, {
      steps: [{ kind: "remove", peer: row.peerId }],
      text: "removed",
      membershipRevision,
    });
  }

  async #transferHere(change: Change<ByServer>): Promise<MembershipOutcome> {
    const { replica } = this.#modules;
    const row = this.#member(change.request.serverId);
    if (row.role !== "voter") {
      throw registryErrors.WRONG_ROLE(
        `${row.profile.serverId} is a ${row.role}; only a voter can lead`,
      );
    }
    if (row.peerId !== replica.status().peerId)
      await replica.transferLeadership(row.peerId, change.deadlineMs);
    return this.#outcome(row, replica.revision, "leads");
  }

  async #change(
    change: Change<ByServer>,
    row: ServerRow,
    what: Omit<Proposal, "added">,
  ): Promise<MembershipOutcome> {
    const revision = await this.#propose(change, { ...what, added: [] });
    return this.#outcome(row, revision, what.text);
  }

  /** The change holds for the membership that it was judged by; for any other it must be judged again. */
  async #propose(change: Change<unknown>, what: Proposal): Promise<Index> {
    const { replica, wallClock } = this.#modules;
    const { actor, deadlineMs } = change;
    const { steps, text, added } = what;
    const context = { atMs: Math.floor(wallClock.wallMs()), actor, reason: text, added };
    const ifRevision = what.membershipRevision ?? replica.status().membershipRevision;
    try {
      const request = { transition: "auto", steps, context, ifRevision } as const;
      return (await replica.proposeMembership(request, { actor, deadlineMs })).revision;
    } catch (error) {
      if (!(error instanceof QuorateError) || !overtaken.has(error.code)) throw error;
      throw registryErrors.CHANGE_UNDER_WAY(`not ${text}: another membership change is under way`, {
        cause: error,
      });
    }
  }

  #knows({ serverId, incarnation }: Identity): boolean {
    const row = this.#modules.replica.state.server(serverId);
    return row !== undefined && row.role !== "removed" && row.profile.incarnation === incarnation;
  }

  #member(serverId: string): ServerRow {
    const row = this.#modules.replica.state.server(serverId);
    if (row === undefined || row.role === "removed") {
      throw registryErrors.UNKNOWN_SERVER(`there is no server ${serverId} in this cluster`);
    }
    return row;
  }

  #outcome(row: ServerRow, revision: Index, text: string): MembershipOutcome {
    return { serverId: row.profile.serverId, peerId: row.peerId, revision, text };
  }
}

function removed(serverId: string): QuorateError {
  return registryErrors.SERVER_REMOVED(`${serverId} was taken out of the cluster`);
}

// From an empty data directory to a member of a cluster: asks the listed addresses, follows the decisions of
// registry/formation, and makes each step durable before the next one. Idempotent: a crash at any point is
// continued by the same command line.
import { randomBytes } from "node:crypto";
import type { Clock, WallClock } from "../base/clock.ts";
import { messageOf, QuorateError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { registryErrors } from "../registry/errors.ts";
import {
  type AddressAnswer,
  type FormationDecision,
  formationStep,
} from "../registry/formation.ts";
import {
  type Admission,
  decodeHelloAnswer,
  decodeProposal,
  encodeHelloRequest,
  encodeProposal,
  type FormationProposal,
  type HelloAnswer,
} from "../registry/hello.ts";
import type { ServerProfile } from "../state/rows.ts";
import type { DataDirectory } from "../storage/contract.ts";
import type { Transport } from "../transport/contract.ts";
import { serverErrors } from "./errors.ts";

/** Pause between two rounds of questions. */
const askIntervalMs = 100;
const askDeadlineMs = 1000;
/** Longer than a membership change takes with a leader at hand. */
const joinDeadlineMs = 5000;
/** What is still missing is said again after so long. */
const waitingLogMs = 5000;

export interface AdmissionOptions {
  readonly join: readonly string[];
  readonly expect: number;
  readonly awaitAdd: boolean;
  /** Undefined for a directory that never belonged to a cluster. */
  readonly earlier: EarlierLife | undefined;
}

/** What this server was before its data was put aside. */
export interface EarlierLife {
  readonly clusterId: string;
  readonly why: string;
}

export interface AdmissionModules {
  readonly data: DataDirectory;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly logger: Logger;
  readonly profile: ServerProfile;
}

/** How this server belongs to its cluster; with `founding` it begins with the first log of the proposal. */
export interface Admitted {
  readonly admission: Admission;
  readonly founding: FormationProposal | undefined;
}

export class AdmissionDriver {
  readonly #options: AdmissionOptions;
  readonly #modules: AdmissionModules;
  #accepted: FormationProposal | undefined;
  #stopped = false;
  /** Times that an earlier life's cluster was asked. */
  #returns = 0;
  #lastWaitingLogMs = Number.NEGATIVE_INFINITY;
  #wakeUp: () => void = () => undefined;

  constructor(options: AdmissionOptions, modules: AdmissionModules) {
    this.#options = options;
    this.#modules = modules;
  }

  /** The answer to a hello while this server is not a member yet. */
  candidateAnswer(): HelloAnswer {
    const { earlier } = this.#options;
    const { profile } = this.#modules;
    // Nobody may found a cluster with it, or add it by hand under an id that it does not expect.
    if (earlier !== undefined)
      return { kind: "quarantined", serverId: profile.serverId, ...earlier };
    return { kind: "candidate", profile: this.#modules.profile, proposal: this.#accepted ?? null };
  }

  /** Resolves once this server may start its replica; rejects with the reason why it never will. */
  async run(): Promise<Admitted> {
    const { data } = this.#modules;
    this.#accepted = data.formation === undefined ? undefined : decodeProposal(data.formation);
    const { earlier } = this.#options;
    for (;;) {
      if (this.#stopped) throw serverErrors.START_ABANDONED("stopped while waiting for admission");
      const admitted =
        earlier === undefined
          ? await this.#act(formationStep(await this.#view()))
          : await this.#return(earlier);
      if (admitted !== undefined) return admitted;
    }
  }

  /** Asks the first of the others that answers as a member of that cluster. */
  async #return({ clusterId }: EarlierLife): Promise<Admitted | undefined> {
    const { answers } = await this.#view();
    const hosts = answers.filter(
      ({ answer }) => answer?.kind === "member" && answer.clusterId === clusterId,
    );
    // In turn: one that is cut off from the leader may go on answering for long.
    const host = hosts[this.#returns % Math.max(1, hosts.length)];
    this.#returns += 1;
    if (host !== undefined) return await this.#join(host.address);
    const addresses = answers.map(({ address }) => address);
    this.#logWaiting([`a member of cluster ${clusterId} at one of ${addresses.join(", ")}`]);
    await this.#pause();
    return undefined;
  }

  /** Makes `run` reject soon. */
  stop(): void {
    this.#stopped = true;
    this.#wakeUp();
  }

  async #view(): Promise<Parameters<typeof formationStep>[0]> {
    const { profile } = this.#modules;
    const { join, expect } = this.#options;
    const known = this.#accepted?.members.map((member) => member.profile.peerAddress) ?? [];
    const addresses = [...new Set([...join, ...known])];
    const answers = await Promise.all(addresses.map((address) => this.#ask(address)));
    return {
      self: profile,
      accepted: this.#accepted,
      expect,
      answers,
      newClusterId: randomBytes(8).toString("hex"),
      nowMs: this.#modules.wallClock.wallMs(),
    };
  }

  async #ask(address: string): Promise<AddressAnswer> {
    const { transport, logger } = this.#modules;
    try {
      const request = encodeHelloRequest({ kind: "ask" });
      const answer = await transport.hello(address, request, askDeadlineMs);
      return { address, answer: decodeHelloAnswer(answer) };
    } catch (error) {
      logger.debug({ address, error: messageOf(error) }, "address is silent");
      return { address, answer: undefined };
    }
  }

  async #act(decision: FormationDecision): Promise<Admitted | undefined> {
    const { data, logger } = this.#modules;
    switch (decision.kind) {
      case "accept":
        await data.saveFormation(encodeProposal(decision.proposal));
        this.#accepted = decision.proposal;
        logger.info({ clusterId: decision.proposal.clusterId }, "formation proposal accepted");
        return undefined;
      case "found":
        return {
          admission: this.#foundingAdmission(decision.proposal),
          founding: decision.proposal,
        };
      case "join":
        return await this.#join(decision.address);
      case "wait":
        this.#logWaiting(decision.missing);
        await this.#pause();
        return undefined;
      case "refuse":
        throw decision.error;
    }
  }

  #foundingAdmission(proposal: FormationProposal): Admission {
    const { incarnation } = this.#modules.profile;
    const self = proposal.members.find(({ profile }) => profile.incarnation === incarnation);
    if (self === undefined) {
      throw registryErrors.FORMATION_CONFLICT(
        "the accepted proposal does not name this data directory",
      );
    }
    return {
      clusterId: proposal.clusterId,
      generation: 1,
      peerId: self.peerId,
      members: proposal.members.map(({ peerId, profile }) => ({
        peerId,
        peerAddress: profile.peerAddress,
      })),
    };
  }

  async #join(address: string): Promise<Admitted | undefined> {
    const { transport, profile } = this.#modules;
    // Asked all the same then, as a question that never adds anybody: the answer comes once the record exists.
    const { earlier } = this.#options;
    // An operator has added it once; that it may not be added by itself is about strangers.
    const awaitAdd = this.#options.awaitAdd && earlier === undefined;
    if (awaitAdd)
      this.#logWaiting(["an operator: `quorate server add` with this server's peer address"]);
    try {
      const lost = earlier === undefined ? {} : { lost: earlier };
      const request = encodeHelloRequest({ kind: "join", profile, awaitAdd, ...lost });
      const answer = decodeHelloAnswer(await transport.hello(address, request, joinDeadlineMs));
      if (answer.kind === "admitted") return { admission: answer.admission, founding: undefined };
      if (answer.kind === "refused" && !answer.temporary) {
        throw registryErrors.NOT_ADMITTED(answer.message, { fields: { code: answer.code } });
      }
      const reason = answer.kind === "refused" ? answer.message : answer.kind;
      this.#logWaiting([`${address} to admit this server: ${reason}`]);
    } catch (error) {
      const final =
        error instanceof QuorateError && error.kind !== "unavailable" && error.kind !== "unknown";
      if (final) throw error;
      this.#logWaiting([`${address} to admit this server: ${messageOf(error)}`]);
    }
    await this.#pause();
    return undefined;
  }

  #logWaiting(missing: readonly string[]): void {
    const now = this.#modules.clock.nowMs();
    if (now - this.#lastWaitingLogMs < waitingLogMs) return;
    this.#lastWaitingLogMs = now;
    this.#modules.logger.info({ missing }, "waiting to form or join a cluster");
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#modules.clock.after(askIntervalMs, resolve);
      this.#wakeUp = () => {
        cancel();
        resolve();
      };
    });
  }
}

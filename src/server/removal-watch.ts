// A server that was taken out of the cluster while it was away is told by nobody: the others do not connect to it any
// more, and its own log still names it a member. It would look for a leader for ever. So a member that knows of no
// leader asks the others now and then whether it is one still. Only an answer that a majority stands behind counts.
// The same for an old copy of a data directory from before its server was admitted anew: its peer id is gone for ever,
// but its server is a member, so it is not the end: the copy is put aside and the server is admitted anew once more.
import type { Cancel, Clock } from "../base/clock.ts";
import { messageOf, type QuorateError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { noPeer } from "../base/numbers.ts";
import { superseded } from "../registry/errors.ts";
import type { Replica } from "../replica/contract.ts";
import type { ServerProfile } from "../state/rows.ts";
import type { Others } from "./others.ts";

/** Above the longest election of the profiles, so that an ordinary one asks nobody. */
const lookMs = 1500;
const removedCode = "QUORATE_REGISTRY_SERVER_REMOVED";
const supersededCode = "QUORATE_REGISTRY_SUPERSEDED";

/** `superseded`: what is in this data directory is of an earlier life of a server that is a member. */
type Verdict = "belongs" | "removed" | "superseded";

export interface RemovalWatchOptions {
  readonly profile: Pick<ServerProfile, "serverId" | "incarnation">;
  readonly clusterId: string;
}

export interface RemovalWatchModules {
  readonly replica: Pick<Replica, "state" | "status">;
  readonly others: Pick<Others, "ask">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** One of the two is called, at most once. */
  readonly onRemoved: () => void;
  readonly onSuperseded: (error: QuorateError) => void;
}

export class RemovalWatch {
  readonly #options: RemovalWatchOptions;
  readonly #modules: RemovalWatchModules;
  #stopped = false;
  #cancel: Cancel = () => undefined;

  constructor(options: RemovalWatchOptions, modules: RemovalWatchModules) {
    this.#options = options;
    this.#modules = modules;
  }

  start(): void {
    this.#lookLater();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #lookLater(): void {
    if (this.#stopped) return;
    this.#cancel = this.#modules.clock.after(lookMs, () => {
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    const { logger } = this.#modules;
    let verdict: Verdict = "belongs";
    try {
      verdict = this.#saysTheTable() ? "removed" : await this.#sayTheOthers();
    } catch (error) {
      logger.warn({ error: messageOf(error) }, "the others could not be asked");
    }
    if (this.#stopped) return;
    if (verdict === "belongs") {
      this.#lookLater();
      return;
    }
    this.stop();
    this.#tell(verdict);
  }

  #tell(verdict: "removed" | "superseded"): void {
    const { onRemoved, onSuperseded } = this.#modules;
    const { serverId } = this.#options.profile;
    if (verdict === "removed") onRemoved();
    else onSuperseded(superseded(serverId));
  }

  /** What is applied here was committed; the snapshot that it came with may be all that tells of it. */
  #saysTheTable(): boolean {
    const { serverId, incarnation } = this.#options.profile;
    const row = this.#modules.replica.state.server(serverId);
    return row?.role === "removed" && row.profile.incarnation === incarnation;
  }

  async #sayTheOthers(): Promise<Verdict> {
    const { replica, others } = this.#modules;
    if (replica.status().leader !== noPeer) return "belongs";
    const { profile, clusterId } = this.#options;
    const { serverId, incarnation } = profile;
    const answers = await others.ask({ kind: "belongs", clusterId, serverId, incarnation });
    const codes = new Set(
      answers.map(({ answer }) => (answer.kind === "refused" ? answer.code : "")),
    );
    if (codes.has(removedCode)) return "removed";
    return codes.has(supersededCode) ? "superseded" : "belongs";
  }
}

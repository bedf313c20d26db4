// A server that was taken out of the cluster while it was away is told by nobody: the others do not connect to it any
// more, and its own log still names it a member. It would look for a leader for ever. So a member that knows of no
// leader asks the others now and then whether it is one still. Only an answer that a majority stands behind counts.
import type { Cancel, Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { noPeer } from "../base/numbers.ts";
import type { Replica } from "../replica/contract.ts";
import type { ServerProfile } from "../state/rows.ts";
import type { Others } from "./others.ts";

/** Above the longest election of the profiles, so that an ordinary one asks nobody. */
const lookMs = 1500;
const removedCode = "QUORATE_REGISTRY_SERVER_REMOVED";

export interface RemovalWatchOptions {
  readonly profile: Pick<ServerProfile, "serverId" | "incarnation">;
  readonly clusterId: string;
}

export interface RemovalWatchModules {
  readonly replica: Pick<Replica, "state" | "status">;
  readonly others: Pick<Others, "ask">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called at most once. */
  readonly onRemoved: () => void;
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
    const { logger, onRemoved } = this.#modules;
    let isRemoved = false;
    try {
      isRemoved = this.#saysTheTable() || (await this.#sayTheOthers());
    } catch (error) {
      logger.warn({ error: messageOf(error) }, "the others could not be asked");
    }
    if (this.#stopped) return;
    if (!isRemoved) {
      this.#lookLater();
      return;
    }
    this.stop();
    onRemoved();
  }

  /** What is applied here was committed; the snapshot that it came with may be all that tells of it. */
  #saysTheTable(): boolean {
    const { serverId, incarnation } = this.#options.profile;
    const row = this.#modules.replica.state.server(serverId);
    return row?.role === "removed" && row.profile.incarnation === incarnation;
  }

  async #sayTheOthers(): Promise<boolean> {
    const { replica, others } = this.#modules;
    if (replica.status().leader !== noPeer) return false;
    const { profile, clusterId } = this.#options;
    const { serverId, incarnation } = profile;
    const answers = await others.ask({ kind: "belongs", clusterId, serverId, incarnation });
    return answers.some(({ answer }) => answer.kind === "refused" && answer.code === removedCode);
  }
}

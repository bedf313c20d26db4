// A voter that lost its data came back as a learner: a majority with one member less than before until it votes again. It
// was a voter by an operator's decision, so that it becomes one again needs no further one: the leader promotes it as soon
// as it holds everything.
import type { Cancel, Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { LeaderDuty, Replica } from "../replica/contract.ts";
import type { Members } from "./contract.ts";

const lookMs = 500;
const promoteDeadlineMs = 5000;

export interface ReturningVotersModules {
  readonly replica: Pick<Replica, "state">;
  readonly members: Pick<Members, "promote">;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class ReturningVoters implements LeaderDuty {
  readonly name = "returning-voters";
  readonly #modules: ReturningVotersModules;
  #isRunning = false;
  #cancel: Cancel = () => undefined;

  constructor(modules: ReturningVotersModules) {
    this.#modules = modules;
  }

  start(): void {
    this.#isRunning = true;
    this.#lookLater();
  }

  stop(): void {
    this.#isRunning = false;
    this.#cancel();
  }

  #lookLater(): void {
    this.#cancel();
    if (!this.#isRunning) return;
    this.#cancel = this.#modules.clock.after(lookMs, () => {
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    const { replica, members, logger } = this.#modules;
    for (const { role, wasVoter, profile } of replica.state.servers()) {
      if (role !== "learner" || !wasVoter || !this.#isRunning) continue;
      const { serverId } = profile;
      try {
        await members.promote({ serverId }, { actor: "leader", deadlineMs: promoteDeadlineMs });
        logger.info({ serverId }, "a server that had lost its data votes again");
      } catch (error) {
        // It is still fetching what it lost, or is away again.
        logger.debug({ serverId, error: messageOf(error) }, "not promoted yet");
      }
    }
    this.#lookLater();
  }
}

// A server may come back with another address, capacity or version: identity is not the address. Once there is a
// leader, the record in the table is brought up to date. With another peer address there may never be one: the others
// send to the old address. So they are told first, in the way a stranger speaks to them, and told until each of them has
// heard it: one that was away meanwhile could not even answer a leader whose address it does not know. And whoever is
// out of touch looks for the others where the command line says, because they may be the ones that have moved.
import { isDeepStrictEqual } from "node:util";
import type { Cancel, Clock } from "../base/clock.ts";
import { messageOf, QuorateError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { noPeer } from "../base/numbers.ts";
import type { NewAddress } from "../registry/members.ts";
import type { Replica } from "../replica/contract.ts";
import type { ServerProfile } from "../state/rows.ts";
import type { Others } from "./others.ts";

const retryMs = 500;
const updateDeadlineMs = 5000;
/** A server that takes longer to find out what was committed is out of touch. */
const touchDeadlineMs = 2000;
/** Those that have not heard of the new address yet are down: they are told again after so long. */
const tellAgainMs = 2000;

export interface ProfileKeeperOptions {
  readonly profile: ServerProfile;
  readonly clusterId: string;
}

export interface ProfileKeeperModules {
  readonly replica: Pick<Replica, "state" | "status" | "revision" | "watch" | "barrier" | "submit">;
  readonly others: Pick<Others, "ask" | "elsewhere" | "rows">;
  /** Another server was found where the table does not say. */
  readonly onFound: (news: NewAddress) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class ProfileKeeper {
  readonly #options: ProfileKeeperOptions;
  readonly #modules: ProfileKeeperModules;
  /** This life began with an address that was not in the table. */
  #hasMoved = false;
  /** Addresses of those that took the new one down. */
  readonly #heard = new Set<string>();
  readonly #refusedAt = new Set<string>();
  #stopped = false;
  #cancel: Cancel = () => undefined;

  constructor(options: ProfileKeeperOptions, modules: ProfileKeeperModules) {
    this.#options = options;
    this.#modules = modules;
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #run(): Promise<void> {
    const { logger } = this.#modules;
    try {
      await this.#tellOthers();
      if (await this.#isInTouch()) {
        await this.#bringUpToDate();
        if (this.#hasMoved && !this.#allHaveHeard()) this.#again(tellAgainMs);
        return;
      }
      await this.#findOthers();
    } catch (error) {
      if (error instanceof QuorateError && error.kind === "invalid") {
        logger.warn({ error: error.message }, "server record is not brought up to date");
        return;
      }
      logger.debug({ error: messageOf(error) }, "server record is compared again later");
    }
    this.#again(retryMs);
  }

  #again(afterMs: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#modules.clock.after(afterMs, () => {
      void this.#run();
    });
  }

  /** There is a leader, and it can be answered. */
  async #isInTouch(): Promise<boolean> {
    const { replica, logger } = this.#modules;
    if (replica.status().leader === noPeer) return false;
    try {
      await replica.barrier(touchDeadlineMs);
      return true;
    } catch (error) {
      logger.debug({ error: messageOf(error) }, "out of touch with the others");
      return false;
    }
  }

  async #findOthers(): Promise<void> {
    const { others, onFound, logger } = this.#modules;
    for (const news of await others.elsewhere()) {
      if (this.#stopped) return;
      logger.info({ ...news }, "another server was found at a new address");
      onFound(news);
    }
  }

  async #bringUpToDate(): Promise<void> {
    const { replica } = this.#modules;
    const { profile } = this.#options;
    const { serverId, incarnation } = profile;
    const row = replica.state.server(serverId);
    if (row?.profile.incarnation !== incarnation) return;
    if (isDeepStrictEqual(row.profile, profile)) return;
    await replica.submit(
      { kind: "update-server", profile },
      { actor: `server:${serverId}`, deadlineMs: updateDeadlineMs },
    );
  }

  #allHaveHeard(): boolean {
    return this.#modules.others.rows().every(({ profile }) => this.#heard.has(profile.peerAddress));
  }

  /** All of them: each takes the address for itself at once, and one that finds a leader brings it into the table. */
  async #tellOthers(): Promise<void> {
    const { replica, others, logger } = this.#modules;
    const { profile, clusterId } = this.#options;
    const { serverId, peerAddress } = profile;
    // Right after the start the log is still being applied again.
    if (replica.state.server(serverId) === undefined) {
      await replica.watch.wait(["servers"], replica.revision, retryMs);
    }
    const row = replica.state.server(serverId);
    this.#hasMoved ||= row !== undefined && row.profile.peerAddress !== peerAddress;
    if (!this.#hasMoved) return;
    const request = { kind: "moved", clusterId, profile } as const;
    for (const { address, answer } of await others.ask(request, this.#heard)) {
      // Without a leader it cannot be written down yet; it has been heard all the same.
      if (answer.kind === "noted") {
        this.#heard.add(address);
        logger.info({ address, peerAddress }, "new address told");
      } else if (answer.kind === "refused" && !answer.temporary && !this.#refusedAt.has(address)) {
        this.#refusedAt.add(address);
        logger.warn({ address, reason: answer.message }, "new address was not taken");
      }
    }
  }
}

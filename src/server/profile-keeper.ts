// A server may come back with another address, capacity or version: identity is not the address. Once there is a
// leader, the record in the table is brought up to date. With another peer address there may never be one: the others
// send to the old address. So they are told first, in the way a stranger speaks to them, and told until each of them has
// heard it: one that was away meanwhile could not even answer a leader whose address it does not know. And whoever is
// out of touch looks for the others where the command line says, because they may be the ones that have moved.
//
// The table's own address is told as well by a server that is out of touch: an earlier life may have told another one,
// and whoever believed it sends there until it hears better. For the same reason this never ends: what an earlier life
// told may be written down late, after the newer word.
import { isDeepStrictEqual } from "node:util";
import type { Cancel, Clock } from "../base/clock.ts";
import { messageOf, QuorateError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { noPeer } from "../base/numbers.ts";
import type { HelloAnswer } from "../registry/hello.ts";
import type { NewAddress } from "../registry/members.ts";
import type { Replica } from "../replica/contract.ts";
import type { ServerProfile } from "../state/rows.ts";
import type { Others } from "./others.ts";

const retryMs = 500;
const updateDeadlineMs = 5000;
/** A server that takes longer to find out what was committed is out of touch. */
const touchDeadlineMs = 2000;
/** Those that have not heard the address yet are down: they are told again after so long. */
const tellAgainMs = 2000;
/** The pace when all is well: a late write of an older address is repaired after so long. */
const lookAgainMs = 5000;
const unseenCode = "QUORATE_REGISTRY_NOT_SEEN_THERE";

type Refusal = Extract<HelloAnswer, { kind: "refused" }>;

export interface ProfileKeeperOptions {
  readonly profile: ServerProfile;
  readonly clusterId: string;
}

export interface ProfileKeeperModules {
  readonly replica: Pick<Replica, "state" | "status" | "revision" | "watch" | "barrier" | "submit">;
  readonly others: Pick<Others, "ask" | "whereabouts" | "rows">;
  /** Another server was reached there; called for the table's address too, because another one may be in use. */
  readonly onFound: (news: NewAddress) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class ProfileKeeper {
  readonly #options: ProfileKeeperOptions;
  readonly #modules: ProfileKeeperModules;
  /** Some of the others may have another address of this server. */
  #owesWord = false;
  /** In touch, and the table has the right address. */
  #isSettled = false;
  /** Addresses of those that know this server's, as far as it is settled. */
  readonly #heard = new Set<string>();
  readonly #refusedAt = new Set<string>();
  /** The last `invalid` error, told once. */
  #invalid = "";
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
    let afterMs = retryMs;
    try {
      afterMs = await this.#round();
    } catch (error) {
      afterMs = this.#failed(error);
    }
    if (this.#stopped) return;
    this.#cancel = this.#modules.clock.after(afterMs, () => {
      void this.#run();
    });
  }

  /** After how long it is looked at again. */
  #failed(error: unknown): number {
    const { logger } = this.#modules;
    const text = messageOf(error);
    if (!(error instanceof QuorateError) || error.kind !== "invalid") {
      logger.debug({ error: text }, "server record is compared again later");
      return retryMs;
    }
    if (text !== this.#invalid) {
      this.#invalid = text;
      logger.warn({ error: text }, "server record is not brought up to date");
    }
    return lookAgainMs;
  }

  /** Resolves with the time until the next one. */
  async #round(): Promise<number> {
    const isRecorded = await this.#isRecorded();
    const isInTouch = await this.#isInTouch();
    const isSettled = isInTouch && isRecorded;
    if (!isSettled) this.#owesWord = true;
    // Who heard it before may have heard something else since.
    if (this.#isSettled && !isSettled) this.#heard.clear();
    this.#isSettled = isSettled;
    if (!isInTouch) {
      await Promise.all([this.#tellOthers(isRecorded), this.#findOthers()]);
      return retryMs;
    }
    if (this.#owesWord) await this.#tellOthers(isRecorded);
    await this.#bringUpToDate();
    this.#owesWord &&= !this.#allHaveHeard();
    return this.#owesWord ? tellAgainMs : lookAgainMs;
  }

  /** The table has this address, or does not know this server at all. */
  async #isRecorded(): Promise<boolean> {
    const { replica } = this.#modules;
    const { serverId, peerAddress } = this.#options.profile;
    // Right after the start the log is still being applied again.
    if (replica.state.server(serverId) === undefined) {
      await replica.watch.wait(["servers"], replica.revision, retryMs);
    }
    const row = replica.state.server(serverId);
    return row === undefined || row.profile.peerAddress === peerAddress;
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
    for (const news of await others.whereabouts()) {
      if (this.#stopped) return;
      if (news.address !== news.recorded)
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

  /**
   * Each takes the address for itself at once, and one that finds a leader brings it into the table. Until this server
   * is settled nobody is passed over: an older word may have been written down after the newer one was heard.
   */
  async #tellOthers(isRecorded: boolean): Promise<void> {
    const { others, logger } = this.#modules;
    const { profile, clusterId } = this.#options;
    const { peerAddress } = profile;
    const request = { kind: "moved", clusterId, profile } as const;
    const except = this.#isSettled ? this.#heard : new Set<string>();
    for (const { address, answer } of await others.ask(request, except)) {
      // Without a leader a new one cannot be written down yet; it has been heard all the same.
      if (answer.kind === "noted") {
        if (!isRecorded && !this.#heard.has(address))
          logger.info({ address, peerAddress }, "new address told");
        this.#heard.add(address);
      } else if (answer.kind === "refused") this.#refused(address, answer);
    }
  }

  /** Said once for each of them. An address that they do not reach is the operator's to correct. */
  #refused(address: string, { code, message, temporary }: Refusal): void {
    if ((temporary && code !== unseenCode) || this.#refusedAt.has(address)) return;
    this.#refusedAt.add(address);
    this.#modules.logger.warn({ address, reason: message }, "this server's address was not taken");
  }
}

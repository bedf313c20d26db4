// A server may come back with another address, capacity or version: identity is not the address. Once there is a
// leader, the record in the table is brought up to date. With another peer address there may never be one: the others
// send to the old address. So they are told first, in the way a stranger speaks to them.
import { isDeepStrictEqual } from "node:util";
import type { Cancel, Clock } from "../base/clock.ts";
import { messageOf, QuorateError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { decodeHelloAnswer, encodeHelloRequest } from "../registry/hello.ts";
import type { Replica } from "../replica/contract.ts";
import type { ServerProfile } from "../state/rows.ts";
import type { Transport } from "../transport/contract.ts";

const retryMs = 500;
const updateDeadlineMs = 5000;

export interface ProfileKeeperOptions {
  readonly profile: ServerProfile;
  readonly clusterId: string;
  /** Peer addresses to try beside those of the table. */
  readonly join: readonly string[];
}

export interface ProfileKeeperModules {
  readonly replica: Replica;
  readonly transport: Pick<Transport, "hello">;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class ProfileKeeper {
  readonly #options: ProfileKeeperOptions;
  readonly #modules: ProfileKeeperModules;
  #stopped = false;
  #cancel: Cancel = () => undefined;

  constructor(options: ProfileKeeperOptions, modules: ProfileKeeperModules) {
    this.#options = options;
    this.#modules = modules;
  }

  start(): void {
    void this.#compare();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #compare(): Promise<void> {
    const { replica, clock, logger } = this.#modules;
    const { profile } = this.#options;
    const { serverId } = profile;
    try {
      // Right after the start the log is still being applied again.
      if (replica.state.server(serverId) === undefined) {
        await replica.watch.wait(["servers"], replica.revision, retryMs);
      }
      if (this.#hasMoved()) await this.#tellOthers();
      await replica.barrier(updateDeadlineMs);
      const row = replica.state.server(serverId);
      if (row !== undefined && isDeepStrictEqual(row.profile, profile)) return;
      if (row?.profile.incarnation !== profile.incarnation) return;
      await replica.submit(
        { kind: "update-server", profile },
        { actor: `server:${serverId}`, deadlineMs: updateDeadlineMs },
      );
    } catch (error) {
      if (error instanceof QuorateError && error.kind === "invalid") {
        logger.warn({ error: error.message }, "server record is not brought up to date");
        return;
      }
      logger.debug({ error: messageOf(error) }, "server record is compared again later");
      if (this.#stopped) return;
      this.#cancel = clock.after(retryMs, () => {
        void this.#compare();
      });
    }
  }

  #hasMoved(): boolean {
    const { profile } = this.#options;
    const row = this.#modules.replica.state.server(profile.serverId);
    return row !== undefined && row.profile.peerAddress !== profile.peerAddress;
  }

  /** One of the others is enough; without an answer the next comparison tries again. */
  async #tellOthers(): Promise<void> {
    const { replica, transport, logger } = this.#modules;
    const { profile, clusterId, join } = this.#options;
    const known = replica.state
      .servers()
      .filter((row) => row.role !== "removed" && row.profile.serverId !== profile.serverId)
      .map((row) => row.profile.peerAddress);
    const request = encodeHelloRequest({ kind: "moved", clusterId, profile });
    for (const address of new Set([...known, ...join])) {
      if (address === profile.peerAddress || this.#stopped) continue;
      try {
        const answer = decodeHelloAnswer(await transport.hello(address, request, updateDeadlineMs));
        if (answer.kind === "noted") {
          logger.info({ address, peerAddress: profile.peerAddress }, "new address told");
          return;
        }
        const reason = answer.kind === "refused" ? answer.message : answer.kind;
        logger.warn({ address, reason }, "new address was not taken");
      } catch (error) {
        logger.debug({ address, error: messageOf(error) }, "new address not told here");
      }
    }
  }
}

// A leader stops talking to a server the moment its removal is applied, so the removed server would not hear of
// it by the log and ask for votes for ever. The leader therefore tells it, once; if that gets lost, its
// messages are ignored until it asks the others whether it is a member still (server/removal-watch).
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { PeerId } from "../base/numbers.ts";
import type { Transport } from "../transport/contract.ts";
import { farewellMs } from "./limits.ts";

export const removedCall = "replica.removed";

export interface FarewellModules {
  readonly transport: Pick<Transport, "call">;
  readonly logger: Logger;
  readonly leads: () => boolean;
  /** This server itself was removed; called once. */
  readonly onRemoved: () => void;
}

export class Farewell {
  readonly #modules: FarewellModules;
  #isRemoved = false;

  constructor(modules: FarewellModules) {
    this.#modules = modules;
  }

  /** These peers are in the membership no longer. */
  say(peers: readonly PeerId[]): void {
    const { transport, logger, leads } = this.#modules;
    if (!leads()) return;
    for (const peer of peers) {
      transport.call(peer, removedCall, new Uint8Array(0), farewellMs).catch((thrown: unknown) => {
        logger.info({ peer, error: messageOf(thrown) }, "a removed server could not be told");
      });
    }
  }

  /** By the log or by the leader's word. */
  hear(): void {
    if (this.#isRemoved) return;
    this.#isRemoved = true;
    this.#modules.onRemoved();
  }
}

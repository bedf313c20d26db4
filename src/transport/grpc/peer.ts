// One peer as long as it is in `setPeers`: keeps exactly one link alive, tries again after a break, and reports
// each change once.
import type { Cancel, Clock } from "../../base/clock.ts";
import type { QuorateError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { PeerId } from "../../base/numbers.ts";
import type { Lane } from "../contract.ts";
import { reasonOf } from "../errors.ts";
import { reconnectMaxMs, reconnectMinMs } from "../limits.ts";
import type { LaneItem } from "./lane-writer.ts";
import { type LinkOptions, PeerLink } from "./peer-link.ts";
import type { RefusalModules } from "./refusals.ts";

export interface PeerModules extends RefusalModules {
  readonly clock: Clock;
  readonly onConnected: (peer: PeerId) => void;
  readonly onDisconnected: (peer: PeerId) => void;
  readonly onRefused: (peer: PeerId, error: QuorateError) => void;
}

export class Peer {
  readonly #options: LinkOptions;
  readonly #modules: PeerModules;
  readonly #logger: Logger;
  #link: PeerLink | undefined;
  #cancelRetry: Cancel = () => undefined;
  #backoffMs = reconnectMinMs;
  #reported: "nothing" | "connected" | "disconnected" = "nothing";
  #isClosed = false;

  constructor(options: LinkOptions, modules: PeerModules) {
    this.#options = options;
    this.#modules = modules;
    const { peerId, address } = options.peer;
    this.#logger = modules.logger.child({ peer: peerId, address });
  }

  get address(): string {
    return this.#options.peer.address;
  }

  /** The link, while it is open. */
  get link(): PeerLink | undefined {
    return this.#link?.isOpen === true ? this.#link : undefined;
  }

  open(): void {
    const link = new PeerLink(this.#options, {
      clock: this.#modules.clock,
      logger: this.#logger,
      counters: this.#modules.counters,
      onOpen: () => {
        this.#opened();
      },
      onBroken: (error) => {
        this.#broken(error);
      },
    });
    this.#link = link;
    link.open();
  }

  /** False when nothing was queued. */
  push(lane: Lane, item: LaneItem): boolean {
    return this.#link?.push(lane, item) === true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry();
    await this.#link?.close();
  }

  #opened(): void {
    this.#backoffMs = reconnectMinMs;
    this.#reported = "connected";
    this.#logger.info({}, "peer connected");
    this.#modules.onConnected(this.#options.peer.peerId);
  }

  #broken(error: QuorateError): void {
    this.#link = undefined;
    if (reasonOf(error) !== undefined) this.#modules.onRefused(this.#options.peer.peerId, error);
    this.#cancelRetry = this.#modules.clock.after(this.#backoffMs, () => {
      this.open();
    });
    this.#backoffMs = Math.min(this.#backoffMs * 2, reconnectMaxMs);
    if (this.#reported === "disconnected" || this.#isClosed) return;
    this.#reported = "disconnected";
    this.#logger.info({ code: error.code, ...error.fields }, "peer disconnected");
    this.#modules.onDisconnected(this.#options.peer.peerId);
  }
}

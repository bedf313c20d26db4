// One peer for as long as it is in `setPeers`: connects, connects again after a break, reports each change once.
import type { Cancel } from "../../src/base/clock.ts";
import type { PeerAddress, TransportHandlers } from "../../src/transport/contract.ts";
import { reconnectMaxMs, reconnectMinMs } from "../../src/transport/limits.ts";
import { Connection } from "./connection.ts";
import type { SimNetwork } from "./network.ts";
import type { Owner } from "./schedule.ts";

export interface LinkOptions {
  readonly peer: PeerAddress;
  readonly from: string;
  readonly owner: Owner;
}

export interface LinkModules {
  readonly network: SimNetwork;
  readonly handlers: TransportHandlers;
}

export class Link {
  readonly #options: LinkOptions;
  readonly #modules: LinkModules;
  #connection: Connection | undefined;
  #cancelRetry: Cancel = () => undefined;
  #backoffMs = reconnectMinMs;
  #isReportedBroken = false;
  #isClosed = false;

  constructor(options: LinkOptions, modules: LinkModules) {
    this.#options = options;
    this.#modules = modules;
  }

  get address(): string {
    return this.#options.peer.address;
  }

  get connection(): Connection | undefined {
    return this.#connection?.isOpen === true ? this.#connection : undefined;
  }

  open(): void {
    this.#tryAfter(this.#modules.network.delayMs());
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRetry();
    this.#connection?.close("this server closed the connection");
    this.#connection = undefined;
  }

  #tryAfter(delayMs: number): void {
    const { schedule } = this.#modules.network;
    this.#cancelRetry = schedule.after(delayMs, this.#options.owner, () => {
      this.#connect();
    });
  }

  #connect(): void {
    const { network, handlers } = this.#modules;
    const { peer, from, owner } = this.#options;
    const remote = network.endpoint(peer.address);
    const answers =
      remote?.owner.isPaused === false &&
      remote.transport.isPeer(peer.peerId) &&
      network.isWhole(from, peer.address);
    if (!answers) {
      this.#broken();
      return;
    }
    const options = { from, to: peer.address, local: owner, remote };
    this.#connection = new Connection(options, { network, onBroken: () => this.#broken() });
    this.#backoffMs = reconnectMinMs;
    this.#isReportedBroken = false;
    handlers.onConnected(peer.peerId);
  }

  #broken(): void {
    if (this.#isClosed) return;
    this.#connection = undefined;
    this.#cancelRetry();
    this.#tryAfter(this.#backoffMs);
    this.#backoffMs = Math.min(this.#backoffMs * 2, reconnectMaxMs);
    if (this.#isReportedBroken) return;
    this.#isReportedBroken = true;
    this.#modules.handlers.onDisconnected(this.#options.peer.peerId);
  }
}

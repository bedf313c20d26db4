// One peer as long as it is in `setPeers`: connects, connects again after a break, reports each change once.
import type { Cancel } from "../../base/clock.ts";
import type { PeerAddress, PeerIdentity, TransportHandlers } from "../contract.ts";
import { reasonOf } from "../errors.ts";
import { reconnectMaxMs, reconnectMinMs, silentBreakMs, type TransportLimits } from "../limits.ts";
import { MemoryConnection } from "./memory-connection.ts";
import type { MemoryEndpoint, MemoryNetwork } from "./memory-network.ts";

export interface MemoryPeerOptions {
  readonly self: PeerIdentity;
  readonly selfAddress: string;
  readonly peer: PeerAddress;
  readonly limits: TransportLimits;
}

export interface MemoryPeerModules {
  readonly network: MemoryNetwork;
  readonly handlers: TransportHandlers;
}

export class MemoryPeer {
  readonly #options: MemoryPeerOptions;
  readonly #modules: MemoryPeerModules;
  #connection: MemoryConnection | undefined;
  #cancelRetry: Cancel = () => undefined;
  #cancelSilence: Cancel | undefined;
  #backoffMs = reconnectMinMs;
  #reported: "nothing" | "connected" | "disconnected" = "nothing";

  constructor(options: MemoryPeerOptions, modules: MemoryPeerModules) {
    this.#options = options;
    this.#modules = modules;
  }

  get address(): string {
    return this.#options.peer.address;
  }

  get connection(): MemoryConnection | undefined {
    return this.#connection;
  }

  open(): void {
    this.#retryAfter(this.#modules.network.delayMs());
  }

  close(): void {
    this.#cancelRetry();
    this.#cancelSilence?.();
    this.#connection?.close("this server closed the connection");
    this.#connection = undefined;
  }

  /** A path that stays cut breaks the connection as late as keepalive would notice it. */
  pathsChanged(): void {
    if (this.#connection === undefined || this.#isWhole()) return;
    this.#cancelSilence ??= this.#modules.network.clock.after(silentBreakMs, () => {
      this.#cancelSilence = undefined;
      if (!this.#isWhole()) this.#connection?.break("the peer fell silent");
    });
  }

  #isWhole(): boolean {
    const { selfAddress, peer } = this.#options;
    return this.#modules.network.isWhole(selfAddress, peer.address);
  }

  #connect(): void {
    const { self, selfAddress, peer } = this.#options;
    const remote = this.#modules.network.reach(selfAddress, peer.address);
    const refusal = remote?.admit(self, peer.peerId);
    if (remote !== undefined && refusal === undefined) {
      this.#connected(remote);
      return;
    }
    this.#broken();
    if (refusal !== undefined && reasonOf(refusal) !== undefined)
      this.#modules.handlers.onRefused?.(peer.peerId, refusal);
  }

  #connected(remote: MemoryEndpoint): void {
    const { self, selfAddress, peer, limits } = this.#options;
    const { network, handlers } = this.#modules;
    const options = {
      from: self.peerId,
      fromAddress: selfAddress,
      toAddress: peer.address,
      limits,
    };
    const connection = new MemoryConnection(options, {
      network,
      remote,
      onBroken: () => {
        this.#broken();
      },
    });
    remote.attach(connection);
    this.#connection = connection;
    this.#backoffMs = reconnectMinMs;
    this.#reported = "connected";
    handlers.onConnected(peer.peerId);
  }

  #broken(): void {
    this.#connection = undefined;
    this.#cancelSilence?.();
    this.#cancelSilence = undefined;
    this.#retryAfter(this.#backoffMs);
    this.#backoffMs = Math.min(this.#backoffMs * 2, reconnectMaxMs);
    if (this.#reported === "disconnected") return;
    this.#reported = "disconnected";
    this.#modules.handlers.onDisconnected(this.#options.peer.peerId);
  }

  #retryAfter(delayMs: number): void {
    const { clock } = this.#modules.network;
    this.#cancelRetry = clock.after(delayMs, () => {
      this.#connect();
    });
  }
}

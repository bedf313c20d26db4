// Whom this server keeps streams to: the servers of the replicated state, voters and learners. Until the state
// names this server itself it is behind its own admission, and the peers that it was started with stay. A
// server that was removed stays connected for `farewellMs`: the leader still has to tell it.
import type { Cancel, Clock } from "../base/clock.ts";
import type { PeerId } from "../base/numbers.ts";
import type { StateReader } from "../state/reader.ts";
import type { PeerAddress, Transport } from "../transport/contract.ts";
import { farewellMs } from "./limits.ts";

export interface PeerBookOptions {
  readonly self: PeerId;
  readonly initialPeers: readonly PeerAddress[];
}

export interface PeerBookModules {
  readonly transport: Pick<Transport, "setPeers">;
  readonly clock: Clock;
}

type Addresses = ReadonlyMap<PeerId, PeerAddress>;

export class PeerBook {
  readonly #options: PeerBookOptions;
  readonly #modules: PeerBookModules;
  #current: Addresses = new Map();
  /** Gone from the state, not yet disconnected. */
  readonly #leaving = new Map<PeerId, { readonly address: PeerAddress; readonly cancel: Cancel }>();

  constructor(options: PeerBookOptions, modules: PeerBookModules) {
    this.#options = options;
    this.#modules = modules;
  }

  update(state: StateReader): void {
    const before = this.#current;
    this.#current = this.#addresses(state);
    for (const [peer, address] of before) {
      if (!this.#current.has(peer) && !this.#leaving.has(peer)) this.#part(peer, address);
    }
    this.#connect();
  }

  stop(): void {
    for (const { cancel } of this.#leaving.values()) cancel();
    this.#leaving.clear();
  }

  #addresses(state: StateReader): Addresses {
    const { self, initialPeers } = this.#options;
    const members = state.servers().filter(({ role }) => role !== "removed");
    const isKnown = members.some(({ peerId }) => peerId === self);
    const addresses = new Map<PeerId, PeerAddress>();
    if (!isKnown) for (const peer of initialPeers) addresses.set(peer.peerId, peer);
    for (const { peerId, profile } of members) {
      addresses.set(peerId, { peerId, address: profile.peerAddress });
    }
    addresses.delete(self);
    return addresses;
  }

  #part(peer: PeerId, address: PeerAddress): void {
    const cancel = this.#modules.clock.after(farewellMs, () => {
      this.#leaving.delete(peer);
      this.#connect();
    });
    this.#leaving.set(peer, { address, cancel });
  }

  #connect(): void {
    const leaving = [...this.#leaving].filter(([peer]) => !this.#current.has(peer));
    const extra = leaving.map(([, { address }]) => address);
    this.#modules.transport.setPeers([...this.#current.values(), ...extra]);
  }
}

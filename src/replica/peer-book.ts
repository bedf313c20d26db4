// Whom this server keeps streams to: the servers of the replicated state, voters and learners. Until the state
// names this server itself it is behind its own admission, and the peers that it was started with stay. A
// server that was removed stays connected for `farewellMs`: the leader still has to tell it.
//
// A server can also be spoken to by a peer that its state does not name yet: the leader, or a candidate, was added
// after the last entry applied here. Without a stream to it there would be no acknowledgement, so that entry would
// never come, and no vote, although this server may belong to the only majority left. So peers introduce
// themselves when they connect, and are answered until the state names them or says that they were removed.
import type { Cancel, Clock } from "../base/clock.ts";
import type { PeerId } from "../base/numbers.ts";
import type { StateReader } from "../state/reader.ts";
import type { PeerAddress, Transport } from "../transport/contract.ts";
import { farewellMs, strangersMax } from "./limits.ts";

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

  /** Introduced themselves and are not in the state, oldest first. */
  readonly #strangers = new Map<PeerId, PeerAddress>();

  constructor(options: PeerBookOptions, modules: PeerBookModules) {
    this.#options = options;
    this.#modules = modules;
  }

  update(state: StateReader): void {
    const before = this.#current;
    this.#current = this.#addresses(state);
    for (const peer of this.#strangers.keys()) {
      if (state.serverOfPeer(peer) !== undefined) this.#strangers.delete(peer);
    }
    for (const [peer, address] of before) {
      if (!this.#current.has(peer) && !this.#leaving.has(peer)) this.#part(peer, address);
    }
    this.#connect();
  }

  /** `stranger` spoke to this server. Only what the state does not know counts. */
  meet(stranger: PeerAddress, state: StateReader): void {
    const { peerId } = stranger;
    if (peerId === this.#options.self || state.serverOfPeer(peerId) !== undefined) return;
    if (state.isFormerPeer(peerId)) return;
    this.#strangers.delete(peerId);
    this.#strangers.set(peerId, stranger);
    const [oldest] = this.#strangers.keys();
    if (this.#strangers.size > strangersMax && oldest !== undefined) this.#strangers.delete(oldest);
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
    const all = new Map(this.#strangers);
    for (const [peer, { address }] of this.#leaving) all.set(peer, address);
    for (const [peer, address] of this.#current) all.set(peer, address);
    this.#modules.transport.setPeers([...all.values()]);
  }
}

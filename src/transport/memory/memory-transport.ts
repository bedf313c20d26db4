// The transport on a `MemoryNetwork`: same promises as gRPC's, but messages are handed over as they are, and time
// and chance are the network's. The simulator runs the shipped replica on it.
import { assert, defined } from "../../base/assert.ts";
import type { QuorateError } from "../../base/errors.ts";
import type { PeerId } from "../../base/numbers.ts";
import type { Message } from "../../raft/types.ts";
import {
  type Lane,
  messageBytesMax,
  type PeerAddress,
  type PeerIdentity,
  type PullPiece,
  type PullSource,
  type Transport,
  type TransportHandlers,
  type TransportStats,
} from "../contract.ts";
import { countRefusal, newCounters, statsOf } from "../counters.ts";
import { codedError, reasonOf, transportErrors } from "../errors.ts";
import { defaultLimits, type TransportLimits } from "../limits.ts";
import type { MemoryEndpoint, MemoryNetwork, MemoryStream } from "./memory-network.ts";
import { MemoryPeer } from "./memory-peer.ts";

export interface MemoryTransportOptions {
  /** Any name with a port; port 0 takes a free one. */
  readonly listen: string;
  readonly limits?: TransportLimits;
}

export interface MemoryTransportModules {
  readonly network: MemoryNetwork;
}

export class MemoryTransport implements Transport, MemoryEndpoint {
  readonly #options: MemoryTransportOptions;
  readonly #network: MemoryNetwork;
  readonly #limits: TransportLimits;
  readonly #counters = newCounters();
  readonly #peers = new Map<PeerId, MemoryPeer>();
  readonly #incoming = new Set<MemoryStream>();
  readonly #unreachable = new Set<PeerId>();
  #handlers: TransportHandlers | undefined;
  #identity: PeerIdentity | undefined;
  #address = "";
  #hasTurnEnd = false;
  #isStopped = false;

  constructor(options: MemoryTransportOptions, modules: MemoryTransportModules) {
    this.#options = options;
    this.#network = modules.network;
    this.#limits = options.limits ?? defaultLimits;
  }

  get address(): string {
    assert(this.#address !== "", "the address is known once the transport has started");
    return this.#address;
  }

  // Not declared async: a rejected promise and a thrown error must look the same to the caller.
  start(handlers: TransportHandlers): Promise<void> {
    return Promise.resolve().then(() => {
      assert(this.#handlers === undefined, "a transport starts once");
      this.#address = this.#network.bind(this.#options.listen, this);
      this.#handlers = handlers;
    });
  }

  identify(identity: PeerIdentity): void {
    assert(this.#identity === undefined, "a transport has one identity for life");
    this.#identity = identity;
  }

  setPeers(peers: readonly PeerAddress[]): void {
    const self = defined(this.#identity, "the identity");
    if (this.#isStopped) return;
    const wanted = new Map(peers.map((peer) => [peer.peerId, peer]));
    assert(!wanted.has(self.peerId), "a server is not its own peer");
    for (const [peerId, peer] of this.#peers) {
      if (wanted.get(peerId)?.address === peer.address) continue;
      this.#peers.delete(peerId);
      peer.close();
    }
    for (const peer of wanted.values()) {
      if (!this.#peers.has(peer.peerId)) this.#addPeer(self, peer);
    }
  }

  send(lane: Lane, messages: readonly Message[]): void {
    for (const message of messages) {
      const connection = this.#peers.get(message.to)?.connection;
      if (connection?.push(lane, message) === true) this.#counters.sent += 1;
      else this.#dropped(message.to);
    }
  }

  call(...[to, name, payload, deadlineMs]: Parameters<Transport["call"]>): Promise<Uint8Array> {
    if (payload.length > messageBytesMax) {
      return Promise.reject(
        transportErrors.MESSAGE_TOO_LARGE(`the payload of ${name} is too large`),
      );
    }
    const connection = this.#peers.get(to)?.connection;
    if (connection === undefined) return Promise.reject(notConnected(to));
    return connection.call({ name, payload, deadlineMs });
  }

  async *pull(from: PeerId, source: PullSource): AsyncGenerator<PullPiece> {
    const connection = this.#peers.get(from)?.connection;
    if (connection === undefined) throw notConnected(from);
    yield* connection.pull(source);
  }

  hello(address: string, request: Uint8Array, deadlineMs: number): Promise<Uint8Array> {
    const { clock } = this.#network;
    const unreachable = transportErrors.UNREACHABLE(`no answer from ${address}`);
    return new Promise((resolve, reject) => {
      const cancel = clock.after(deadlineMs, () => {
        reject(unreachable);
      });
      const fail = (error: QuorateError): void => {
        cancel();
        reject(error);
      };
      clock.after(this.#network.delayMs(), () => {
        const remote = this.#network.reach(this.#address, address);
        if (remote === undefined) {
          fail(unreachable);
          return;
        }
        remote.serveHello(request).then(
          (answer) => {
            cancel();
            resolve(answer);
          },
          (thrown: unknown) => {
            fail(codedError(thrown));
          },
        );
      });
    });
  }

  stats(): TransportStats {
    return statsOf(this.#counters);
  }

  stop(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    this.#isStopped = true;
    if (this.#address !== "") this.#network.unbind(this.#address);
    for (const peer of this.#peers.values()) peer.close();
    this.#peers.clear();
    for (const stream of [...this.#incoming]) stream.break("the peer stopped");
    return Promise.resolve();
  }

  admit(caller: PeerIdentity, to: PeerId): QuorateError | undefined {
    const self = this.#identity;
    if (self === undefined) return transportErrors.NOT_ADMITTED("no identity in a cluster yet");
    const isSameCluster =
      caller.clusterId === self.clusterId && caller.generation === self.generation;
    if (isSameCluster && to === self.peerId && caller.peerId !== to) {
      return this.#refused(this.#handlers?.refusal?.(caller.peerId, caller.boot));
    }
    const text = `stranger, or looking for peer ${String(to)}`;
    return this.#refused(transportErrors.FOREIGN_PEER(text));
  }

  attach(stream: MemoryStream): void {
    this.#incoming.add(stream);
  }

  detach(stream: MemoryStream): void {
    this.#incoming.delete(stream);
  }

  receive(message: Message): void {
    if (this.#isStopped || this.#refused(this.#handlers?.refusal?.(message.from)) !== undefined)
      return;
    this.#counters.received += 1;
    this.#handlers?.onMessage(message);
  }

  async serveCall(from: PeerId, name: string, payload: Uint8Array): Promise<Uint8Array> {
    return defined(this.#handlers, "the handlers").onCall(from, name, payload);
  }

  servePull(from: PeerId, source: PullSource): AsyncIterable<PullPiece> {
    return defined(this.#handlers, "the handlers").onPull(from, source);
  }

  async serveHello(request: Uint8Array): Promise<Uint8Array> {
    return defined(this.#handlers, "the handlers").onHello(request);
  }

  pathsChanged(): void {
    for (const peer of this.#peers.values()) peer.pathsChanged();
  }

  #addPeer(self: PeerIdentity, address: PeerAddress): void {
    const options = { self, selfAddress: this.#address, peer: address, limits: this.#limits };
    const handlers = defined(this.#handlers, "the handlers");
    const peer = new MemoryPeer(options, { network: this.#network, handlers });
    this.#peers.set(address.peerId, peer);
    peer.open();
  }

  #refused(error: QuorateError | undefined): QuorateError | undefined {
    const reason = error === undefined ? undefined : reasonOf(error);
    if (reason !== undefined) countRefusal(this.#counters, reason);
    return error;
  }

  #dropped(peer: PeerId): void {
    this.#counters.dropped += 1;
    this.#unreachable.add(peer);
    if (this.#hasTurnEnd) return;
    this.#hasTurnEnd = true;
    this.#network.clock.yield(() => {
      this.#hasTurnEnd = false;
      const peers = [...this.#unreachable];
      this.#unreachable.clear();
      if (this.#isStopped) return;
      for (const peerId of peers) this.#handlers?.onUnreachable?.(peerId);
    });
  }
}

function notConnected(peer: PeerId): QuorateError {
  return transportErrors.UNREACHABLE(`no connection to peer ${String(peer)}`, { fields: { peer } });
}

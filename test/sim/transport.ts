// The transport contract on the simulated network, for one life of one server's process.
import { assert, defined } from "../../src/base/assert.ts";
import type { Cancel } from "../../src/base/clock.ts";
import type { QuorateError } from "../../src/base/errors.ts";
import type { PeerId } from "../../src/base/numbers.ts";
import type { Message } from "../../src/raft/types.ts";
import type {
  Lane,
  PeerAddress,
  PeerIdentity,
  PullPiece,
  PullSource,
  Transport,
  TransportHandlers,
  TransportStats,
} from "../../src/transport/contract.ts";
import { newCounters } from "../../src/transport/counters.ts";
import { codedError, transportErrors } from "../../src/transport/errors.ts";
import type { ProcessClock } from "./clock.ts";
import { brokenCall, brokenPull, type Connection } from "./connection.ts";
import { Link } from "./link.ts";
import type { Listener, SimNetwork } from "./network.ts";
import type { Owner } from "./schedule.ts";

export interface SimTransportOptions {
  readonly address: string;
  readonly owner: Owner;
}

export interface SimTransportModules {
  readonly network: SimNetwork;
  readonly clock: ProcessClock;
  /** For the check that a failed server is silent. */
  readonly onSend: (message: Message) => void;
}

export class SimTransport implements Transport, Listener {
  readonly address: string;
  readonly #owner: Owner;
  readonly #modules: SimTransportModules;
  readonly #counters = newCounters();
  readonly #links = new Map<PeerId, Link>();
  readonly #unreachable = new Set<PeerId>();
  #handlers: TransportHandlers | undefined;
  #identity: PeerIdentity | undefined;
  #isStopped = false;

  constructor(options: SimTransportOptions, modules: SimTransportModules) {
    this.address = options.address;
    this.#owner = options.owner;
    this.#modules = modules;
  }

  start(handlers: TransportHandlers): Promise<void> {
    this.#handlers = handlers;
    this.#modules.network.bind(this.address, { owner: this.#owner, transport: this });
    return Promise.resolve();
  }

  identify(identity: PeerIdentity): void {
    this.#identity = identity;
  }

  /** Who lives at this address now: another peer id is a stranger. */
  isPeer(peer: PeerId): boolean {
    return this.#identity?.peerId === peer;
  }

  setPeers(peers: readonly PeerAddress[]): void {
    if (this.#isStopped) return;
    const self = defined(this.#identity, "the identity");
    const wanted = new Map(peers.map((peer) => [peer.peerId, peer]));
    assert(!wanted.has(self.peerId), "a server is not its own peer");
    for (const [peerId, link] of this.#links) {
      if (wanted.get(peerId)?.address === link.address) continue;
      this.#links.delete(peerId);
      link.close();
    }
    for (const peer of wanted.values()) {
      if (this.#links.has(peer.peerId)) continue;
      const { network } = this.#modules;
      const handlers = defined(this.#handlers, "the handlers");
      const options = { peer, from: this.address, owner: this.#owner };
      const link = new Link(options, { network, handlers });
      this.#links.set(peer.peerId, link);
      link.open();
    }
  }

  send(lane: Lane, messages: readonly Message[]): void {
    for (const message of messages) {
      this.#modules.onSend(message);
      const connection = this.#connection(message.to);
      if (connection === undefined) {
        this.#dropped(message.to);
        continue;
      }
      this.#counters.sent += 1;
      connection.send(lane, message);
    }
  }

  call(...[to, name, payload, deadlineMs]: Parameters<Transport["call"]>): Promise<Uint8Array> {
    const connection = this.#connection(to);
    if (connection === undefined) return Promise.reject(notConnected(to));
    return new Promise((resolve, reject) => {
      const settle = (outcome: Uint8Array | QuorateError): void => {
        cancel();
        unwatch();
        if (outcome instanceof Uint8Array) resolve(outcome);
        else reject(outcome);
      };
      const cancel: Cancel = this.#modules.clock.after(deadlineMs, () => {
        settle(brokenCall(`no answer to ${name} in time`));
      });
      const unwatch = connection.watch((reason) => {
        settle(brokenCall(reason));
      });
      connection.there("control", () => {
        void connection.remote.transport
          .serve(defined(this.#identity, "the identity").peerId, name, payload)
          .then((outcome) => {
            if (connection.isOpen) connection.back(() => settle(outcome));
          });
      });
    });
  }

  async *pull(from: PeerId, source: PullSource): AsyncGenerator<PullPiece> {
    const connection = this.#connection(from);
    if (connection === undefined) throw notConnected(from);
    const self = defined(this.#identity, "the identity").peerId;
    let pieces: AsyncIterator<PullPiece> | undefined;
    for (;;) {
      const next = await this.#roundTrip(connection, () => {
        pieces ??= connection.remote.transport.handlers
          .onPull(self, source)
          [Symbol.asyncIterator]();
        return pieces.next();
      });
      if (next.done === true) return;
      yield next.value;
    }
  }

  hello(): Promise<Uint8Array> {
    return Promise.reject(transportErrors.UNREACHABLE("nobody forms a cluster here"));
  }

  stats(): TransportStats {
    return { ...this.#counters };
  }

  /** Orderly: peers see the streams end. */
  stop(): Promise<void> {
    this.#end("the peer stopped");
    return Promise.resolve();
  }

  /** The process died; `isSilent` = with its machine, so that nobody is told. */
  die(isSilent: boolean): void {
    this.#end(isSilent ? undefined : "the peer died");
  }

  get handlers(): TransportHandlers {
    return defined(this.#handlers, "the handlers");
  }

  receive(message: Message): void {
    if (this.#isStopped) return;
    this.#counters.received += 1;
    this.handlers.onMessage(message);
  }

  serve(from: PeerId, name: string, payload: Uint8Array): Promise<Uint8Array | QuorateError> {
    return Promise.resolve()
      .then(() => this.handlers.onCall(from, name, payload))
      .catch(codedError);
  }

  #end(reason: string | undefined): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const { network } = this.#modules;
    network.unbind(this.address, this);
    // What a killed process has sent is on its way and may still arrive.
    for (const link of this.#links.values()) {
      network.schedule.after(network.delayMs(), undefined, () => link.close());
    }
    for (const connection of network.connectionsOf(this.address)) {
      if (connection.remote.transport !== this) continue;
      const delayMs = reason === undefined ? network.silenceMs() : network.delayMs();
      network.schedule.after(delayMs, undefined, () => {
        const gone = reason ?? "the peer fell silent";
        if (network.isOpen(this.address, connection.from)) connection.break(gone);
        else network.schedule.after(network.silenceMs(), undefined, () => connection.break(gone));
      });
    }
  }

  #connection(peer: PeerId): Connection | undefined {
    return this.#isStopped ? undefined : this.#links.get(peer)?.connection;
  }

  #roundTrip<T>(connection: Connection, ask: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const unwatch = connection.watch((reason) => {
        reject(brokenPull(reason));
      });
      const answer = (settle: () => void): void => {
        if (!connection.isOpen) return;
        connection.back(() => {
          unwatch();
          settle();
        });
      };
      connection.there("pull", () => {
        ask().then(
          (value) => answer(() => resolve(value)),
          (thrown: unknown) => answer(() => reject(codedError(thrown))),
        );
      });
    });
  }

  #dropped(peer: PeerId): void {
    this.#counters.dropped += 1;
    const isFirst = this.#unreachable.size === 0;
    this.#unreachable.add(peer);
    if (!isFirst) return;
    this.#modules.clock.yield(() => {
      const peers = [...this.#unreachable];
      this.#unreachable.clear();
      for (const each of peers) this.handlers.onUnreachable?.(each);
    });
  }
}

function notConnected(peer: PeerId): QuorateError {
  return transportErrors.UNREACHABLE(`no connection to peer ${peer}`, { fields: { peer } });
}

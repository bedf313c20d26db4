// The transport between real servers. Every server opens its own streams to every peer and sends on those only;
// what peers opened is for receiving. So two servers never have to agree on which connection is the right one.
import type {
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { assert, defined } from "../../base/assert.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
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
import { newCounters, statsOf } from "../counters.ts";
import { transportErrors } from "../errors.ts";
import {
  type DoorLimits,
  defaultDoorLimits,
  defaultLimits,
  type TransportLimits,
} from "../limits.ts";
import { MessageEncoder } from "../message-codec.ts";
import { newClient, type TransportTls } from "./channel.ts";
import { Door, splitAddress } from "./door.ts";
import { messagesKey } from "./frames.ts";
import { answerHello, askHello, type HelloModules } from "./hello.ts";
import { identityMetadata } from "./identity.ts";
import { Incoming } from "./incoming.ts";
import { Peer } from "./peer.ts";
import { pullPieces } from "./pull-client.ts";
import { PullServer } from "./pull-server.ts";

export interface GrpcTransportOptions {
  /** host:port of the peer door; port 0 takes a free one. */
  readonly listen: string;
  /** Host that others reach this server by, when `listen` names none that they could use. */
  readonly advertisedHost?: string;
  /** Without it, traffic between servers is neither encrypted nor authenticated. */
  readonly tls?: TransportTls;
  readonly limits?: TransportLimits;
  readonly doorLimits?: Partial<DoorLimits>;
}

export interface GrpcTransportModules {
  readonly clock: Clock;
  readonly logger: Logger;
}

export class GrpcTransport implements Transport {
  readonly #options: GrpcTransportOptions;
  readonly #modules: GrpcTransportModules;
  readonly #limits: TransportLimits;
  readonly #encoder = new MessageEncoder();
  readonly #counters = newCounters();
  readonly #peers = new Map<PeerId, Peer>();
  readonly #unreachable = new Set<PeerId>();
  #handlers: TransportHandlers | undefined;
  #door: Door | undefined;
  #incoming: Incoming | undefined;
  #pulls: PullServer | undefined;
  #identity: PeerIdentity | undefined;
  #port = 0;
  #hasTurnEnd = false;
  #starting: Promise<number> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: GrpcTransportOptions, modules: GrpcTransportModules) {
    this.#options = options;
    this.#modules = { ...modules, logger: modules.logger.child({ room: "transport" }) };
    this.#limits = options.limits ?? defaultLimits;
  }

  get address(): string {
    const { advertisedHost, listen } = this.#options;
    assert(this.#port > 0, "the address is known once the transport has started");
    const host = advertisedHost ?? splitAddress(listen).host;
    return `${host.includes(":") ? `[${host}]` : host}:${String(this.#port)}`;
  }

  async start(handlers: TransportHandlers): Promise<void> {
    assert(this.#handlers === undefined, "a transport starts once");
    this.#handlers = handlers;
    const { listen, tls, doorLimits } = this.#options;
    const modules = { ...this.#modules, counters: this.#counters, handlers };
    const limits = { ...defaultDoorLimits, ...doorLimits };
    const door = new Door({ listen, tls, limits }, modules);
    const incoming = new Incoming(this.#limits, {
      ...modules,
      identity: () => this.#identity,
      onAdmitted: (caller) => {
        door.admitted(caller);
      },
    });
    const pulls = new PullServer(modules);
    this.#incoming = incoming;
    this.#pulls = pulls;
    this.#door = door;
    this.#starting = door.start(service(incoming, pulls, modules));
    this.#port = await this.#starting;
    this.#modules.logger.info({ address: this.address }, "peer door open");
  }

  identify(identity: PeerIdentity): void {
    assert(this.#identity === undefined, "a transport has one identity for life");
    this.#identity = identity;
  }

  setPeers(peers: readonly PeerAddress[]): void {
    const self = defined(this.#identity, "the identity");
    if (this.#stopping !== undefined) return;
    const wanted = new Map(peers.map((peer) => [peer.peerId, peer]));
    assert(!wanted.has(self.peerId), "a server is not its own peer");
    for (const [peerId, peer] of this.#peers) {
      if (wanted.get(peerId)?.address === peer.address) continue;
      this.#peers.delete(peerId);
      void peer.close();
    }
    for (const peer of wanted.values()) {
      if (!this.#peers.has(peer.peerId)) this.#addPeer(self, peer);
    }
  }

  send(lane: Lane, messages: readonly Message[]): void {
    for (const message of messages) {
      const isQueued = this.#queue(lane, message);
      if (isQueued) this.#counters.sent += 1;
      else this.#dropped(message.to);
    }
    this.#atTurnEnd();
  }

  call(...[to, name, payload, deadlineMs]: Parameters<Transport["call"]>): Promise<Uint8Array> {
    const link = this.#peers.get(to)?.link;
    if (link === undefined) return Promise.reject(notConnected(to));
    return link.calls.call({ name, payload, deadlineMs });
  }

  async *pull(from: PeerId, source: PullSource): AsyncGenerator<PullPiece> {
    const client = this.#peers.get(from)?.link?.client;
    const self = this.#identity;
    if (client === undefined || self === undefined) throw notConnected(from);
    const { clock } = this.#modules;
    yield* pullPieces(source, identityMetadata(self, from), { clock, client });
  }

  hello(address: string, request: Uint8Array, deadlineMs: number): Promise<Uint8Array> {
    const client = newClient(address, this.#options.tls);
    return askHello({ address, request, deadlineMs }, client, this.#modules.clock);
  }

  stats(): TransportStats {
    return statsOf(this.#counters);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const peers = [...this.#peers.values()];
    this.#peers.clear();
    this.#incoming?.endAll();
    this.#pulls?.endAll();
    await Promise.all([...peers.map((peer) => peer.close()), this.#started()]);
    await this.#door?.stop();
    const { dropped, refusals } = this.#counters;
    this.#modules.logger.info({ dropped, refusals }, "peer door closed");
  }

  /** A stop during the start waits for its end; its failure has been reported by `start`. */
  async #started(): Promise<void> {
    if (this.#starting !== undefined) await Promise.allSettled([this.#starting]);
  }

  #addPeer(self: PeerIdentity, address: PeerAddress): void {
    const { clock, logger } = this.#modules;
    const handlers = defined(this.#handlers, "the handlers");
    const options = { self, peer: address, limits: this.#limits, tls: this.#options.tls };
    const peer = new Peer(options, {
      clock,
      logger,
      counters: this.#counters,
      onConnected: (id) => {
        handlers.onConnected(id);
      },
      onDisconnected: (id) => {
        handlers.onDisconnected(id);
      },
      onRefused: (id, error) => {
        handlers.onRefused?.(id, error);
      },
    });
    this.#peers.set(address.peerId, peer);
    peer.open();
  }

  #queue(lane: Lane, message: Message): boolean {
    const link = this.#peers.get(message.to)?.link;
    if (link === undefined) return false;
    const { head, tail } = this.#encoder.encode(message);
    if (head.length + tail.length > messageBytesMax) return false;
    return link.push(lane, { key: messagesKey, head, tail, state: "queued" });
  }

  #dropped(peer: PeerId): void {
    this.#counters.dropped += 1;
    this.#unreachable.add(peer);
  }

  /** Once per turn that sent something: reports what was dropped and lets go of the shared block of entries. */
  #atTurnEnd(): void {
    if (this.#hasTurnEnd) return;
    this.#hasTurnEnd = true;
    this.#modules.clock.yield(() => {
      this.#hasTurnEnd = false;
      this.#encoder.forget();
      const peers = [...this.#unreachable];
      this.#unreachable.clear();
      if (this.#stopping !== undefined) return;
      for (const peer of peers) this.#handlers?.onUnreachable?.(peer);
    });
  }
}

function notConnected(peer: PeerId): Error {
  return transportErrors.UNREACHABLE(`no connection to peer ${String(peer)}`, { fields: { peer } });
}

type Duplex = ServerDuplexStream<Buffer, Buffer>;

function service(
  incoming: Incoming,
  pulls: PullServer,
  modules: HelloModules,
): UntypedServiceImplementation {
  return {
    hello: (call: ServerUnaryCall<Buffer, Buffer>, send: sendUnaryData<Buffer>) => {
      void answerHello(call, send, modules);
    },
    control: (stream: Duplex) => {
      incoming.control(stream);
    },
    bulk: (stream: Duplex) => {
      incoming.bulk(stream);
    },
    pull: (call: ServerWritableStream<Buffer, Buffer>) => {
      const from = incoming.admit(call);
      if (from !== undefined) void pulls.serve(call, from);
    },
  };
}

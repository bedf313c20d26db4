// One attempt to be connected to one peer, and the connection it becomes: one client, a control and a bulk
// stream. A link is never repaired. Whatever happens to either stream ends the whole link, and `Peer` makes a
// new one with a new client, so that no state of a failed connection (back-off, a hanging SYN) is inherited.
//
//   opening ──both accepted──▶ open ──status, close──▶ closed
//      └────────status, watchdog, close───────────────▶
import type { Client, ClientDuplexStream, Metadata, StatusObject } from "@grpc/grpc-js";
import { DecodeError } from "../../base/bytes.ts";
import type { Cancel, Clock } from "../../base/clock.ts";
import type { QuorateError } from "../../base/errors.ts";
import type { Lane, PeerAddress, PeerIdentity } from "../contract.ts";
import { transportErrors } from "../errors.ts";
import { connectTimeoutMs, stopStreamsMs, type TransportLimits } from "../limits.ts";
import { CallTable } from "./call-table.ts";
import { newClient, type TransportTls } from "./channel.ts";
import { readResponse } from "./frames.ts";
import { identityMetadata } from "./identity.ts";
import { type LaneItem, LaneWriter } from "./lane-writer.ts";
import { noteRefusal, type RefusalModules } from "./refusals.ts";
import { asIs, paths } from "./service.ts";
import { fromStatus } from "./status.ts";

export interface LinkOptions {
  readonly self: PeerIdentity;
  readonly peer: PeerAddress;
  readonly limits: TransportLimits;
  readonly tls: TransportTls | undefined;
}

export interface LinkModules extends RefusalModules {
  readonly clock: Clock;
  readonly onOpen: () => void;
  /** Once, unless `close` was called first. */
  readonly onBroken: (error: QuorateError) => void;
}

type Stream = ClientDuplexStream<Buffer, Buffer>;
type LinkState = "new" | "opening" | "open" | "closed";

interface LaneStream {
  readonly stream: Stream;
  readonly writer: LaneWriter;
  isAccepted: boolean;
  hasEnded: boolean;
}

export class PeerLink {
  readonly #options: LinkOptions;
  readonly #modules: LinkModules;
  readonly #calls: CallTable;
  #state: LinkState = "new";
  #client: Client | undefined;
  #lanes: Partial<Record<Lane, LaneStream>> = {};
  #cancelWatchdog: Cancel = () => undefined;
  #onEnded: () => void = () => undefined;

  constructor(options: LinkOptions, modules: LinkModules) {
    this.#options = options;
    this.#modules = modules;
    this.#calls = new CallTable(options.limits.callsInFlightMax, {
      clock: modules.clock,
      push: (item) => this.push("control", item),
      onRefused: (error) => {
        noteRefusal(modules, error, { what: "call not sent", by: { peer: options.peer.peerId } });
      },
    });
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** For pulls, which share the connection; only while the link is open. */
  get client(): Client | undefined {
    return this.isOpen ? this.#client : undefined;
  }

  get calls(): CallTable {
    return this.#calls;
  }

  open(): void {
    const { self, peer, tls } = this.#options;
    this.#state = "opening";
    this.#client = newClient(peer.address, tls);
    const metadata = identityMetadata(self, peer.peerId);
    this.#lanes = {
      control: this.#openLane("control", this.#client, metadata),
      bulk: this.#openLane("bulk", this.#client, metadata),
    };
    this.#cancelWatchdog = this.#modules.clock.after(connectTimeoutMs, () => {
      this.#break(
        transportErrors.UNREACHABLE(`no answer from ${peer.address}`, {
          fields: { peer: peer.peerId, address: peer.address, connectTimeoutMs },
        }),
      );
    });
  }

  /** False when the link is not open or the lane is full. */
  push(lane: Lane, item: LaneItem): boolean {
    return this.isOpen && this.#lanes[lane]?.writer.push(item) === true;
  }

  /** Flushes, half-closes and waits (bounded) until the peer has ended its side; then lets go. */
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    for (const lane of this.#all()) lane.writer.flush();
    const wasOpen = this.isOpen;
    this.#leave("this server closed the connection");
    if (wasOpen) await this.#ended();
    this.#drop();
  }

  #openLane(lane: Lane, client: Client, metadata: Metadata): LaneStream {
    const stream: Stream = client.makeBidiStreamRequest(paths[lane], asIs, asIs, metadata, {});
    const writer = new LaneWriter(this.#options.limits[lane], {
      clock: this.#modules.clock,
      write: (frame, flushed) => stream.write(frame, flushed),
    });
    const opened: LaneStream = { stream, writer, isAccepted: false, hasEnded: false };
    stream.on("metadata", () => {
      opened.isAccepted = true;
      this.#accepted();
    });
    stream.on("data", (frame: Buffer) => {
      this.#receive(frame);
    });
    stream.on("error", (error: Error) => {
      this.#modules.logger.debug({ lane, error: error.message }, "stream to peer failed");
    });
    stream.on("status", (status: StatusObject) => {
      opened.hasEnded = true;
      this.#statusArrived(status);
    });
    return opened;
  }

  #accepted(): void {
    if (this.#state !== "opening" || this.#all().some((lane) => !lane.isAccepted)) return;
    this.#state = "open";
    this.#cancelWatchdog();
    this.#modules.onOpen();
  }

  #receive(frame: Buffer): void {
    try {
      readResponse(frame, (result) => {
        this.#calls.settle(result);
      });
    } catch (cause) {
      if (!(cause instanceof DecodeError)) throw cause;
      this.#break(transportErrors.MESSAGE_DAMAGED("damaged answer from a peer", { cause }));
    }
  }

  #statusArrived(status: StatusObject): void {
    if (this.#state === "closed") {
      this.#onEnded();
      return;
    }
    const { peerId, address } = this.#options.peer;
    const fields = { peer: peerId, address, grpcStatus: status.code, details: status.details };
    this.#break(
      fromStatus(status) ?? transportErrors.UNREACHABLE("the stream to the peer broke", { fields }),
    );
  }

  #break(error: QuorateError): void {
    if (this.#state === "closed") return;
    this.#leave(error.message);
    this.#drop();
    this.#modules.onBroken(error);
  }

  #leave(reason: string): void {
    this.#state = "closed";
    this.#cancelWatchdog();
    this.#calls.breakAll(reason);
    for (const lane of this.#all()) {
      lane.writer.close();
      lane.stream.end();
    }
  }

  #drop(): void {
    for (const lane of this.#all()) if (!lane.hasEnded) lane.stream.cancel();
    this.#client?.close();
  }

  #ended(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#modules.clock.after(stopStreamsMs, resolve);
      this.#onEnded = () => {
        if (this.#all().some((lane) => !lane.hasEnded)) return;
        cancel();
        resolve();
      };
      this.#onEnded();
    });
  }

  #all(): readonly LaneStream[] {
    return Object.values(this.#lanes);
  }
}

// The serving side: streams that peers opened to this server. Nothing is sent on them but the acceptance (initial
// metadata, at once) and, on control streams, the answers to calls.
import { Metadata, type ServerDuplexStream, type ServerWritableStream } from "@grpc/grpc-js";
import { DecodeError } from "../../base/bytes.ts";
import type { Clock } from "../../base/clock.ts";
import { QuorateError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { PeerId } from "../../base/numbers.ts";
import type { PeerIdentity, TransportHandlers } from "../contract.ts";
import type { Counters } from "../counters.ts";
import { transportErrors } from "../errors.ts";
import type { TransportLimits } from "../limits.ts";
import { decodeMessage } from "../message-codec.ts";
import { AnswerStream } from "./answers.ts";
import { readRequest } from "./frames.ts";
import { admit } from "./identity.ts";
import { noteRefusal } from "./refusals.ts";
import { toStatus } from "./status.ts";

type Stream = ServerDuplexStream<Buffer, Buffer>;

export interface IncomingModules {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
  readonly handlers: TransportHandlers;
  /** Undefined before `identify`. */
  readonly identity: () => PeerIdentity | undefined;
  /** Whoever called from this address is a peer of this cluster. */
  readonly onAdmitted: (caller: string) => void;
}

export class Incoming {
  readonly #limits: TransportLimits;
  readonly #modules: IncomingModules;
  readonly #open = new Set<Stream>();

  constructor(limits: TransportLimits, modules: IncomingModules) {
    this.#limits = limits;
    this.#modules = modules;
  }

  control(stream: Stream): void {
    const from = this.#accept(stream);
    if (from === undefined) return;
    const answers = new AnswerStream(this.#limits, { ...this.#modules, stream, from });
    stream.on("close", () => {
      answers.close();
    });
    stream.on("data", (frame: Buffer) => {
      this.#read(frame, { from, stream, answers });
    });
  }

  bulk(stream: Stream): void {
    const from = this.#accept(stream);
    if (from === undefined) return;
    stream.on("data", (frame: Buffer) => {
      this.#read(frame, { from, stream, answers: undefined });
    });
  }

  /** The caller's peer id; undefined when it was refused and the call has been ended. */
  admit(call: Stream | ServerWritableStream<Buffer, Buffer>): PeerId | undefined {
    const caller = call.getPeer();
    const verdict = this.#verdict(call.metadata);
    if (!(verdict instanceof QuorateError)) {
      this.#modules.onAdmitted(caller);
      return verdict;
    }
    noteRefusal(this.#modules, verdict, { what: "peer refused", by: { caller } });
    call.emit("error", toStatus(verdict));
    return undefined;
  }

  /** Ends this side of every stream: the callers see it at once. */
  endAll(): void {
    for (const stream of this.#open) stream.end();
  }

  #verdict(metadata: Metadata): PeerId | QuorateError {
    const self = this.#modules.identity();
    if (self === undefined) {
      return transportErrors.NOT_ADMITTED("this server has no identity in a cluster yet");
    }
    const verdict = admit(metadata, self);
    if (verdict instanceof QuorateError) return verdict;
    const { peerId, boot } = verdict;
    return this.#modules.handlers.refusal?.(peerId, boot) ?? peerId;
  }

  #accept(stream: Stream): PeerId | undefined {
    const { logger } = this.#modules;
    stream.on("error", (error: Error) => {
      logger.debug({ error: error.message }, "stream from peer failed");
    });
    const from = this.admit(stream);
    if (from === undefined) return undefined;
    this.#open.add(stream);
    stream.on("close", () => {
      this.#open.delete(stream);
    });
    stream.on("end", () => {
      stream.end();
    });
    stream.sendMetadata(new Metadata());
    return from;
  }

  #read(frame: Buffer, source: FrameSource): void {
    // It may have been removed since its stream was opened.
    const refusal = this.#modules.handlers.refusal?.(source.from);
    if (refusal !== undefined) {
      this.#refuse(source.from, refusal);
      source.stream.emit("error", toStatus(refusal));
      return;
    }
    try {
      readRequest(frame, {
        message: (bytes) => {
          this.#deliver(bytes, source.from);
        },
        call: (request) => source.answers?.serve(request),
      });
    } catch (cause) {
      if (!(cause instanceof DecodeError)) throw cause;
      this.#refuse(source.from, transportErrors.MESSAGE_DAMAGED("damaged frame", { cause }));
    }
  }

  #deliver(bytes: Uint8Array, from: PeerId): void {
    const { counters, handlers } = this.#modules;
    const message = this.#decode(bytes, from);
    if (message === undefined) return;
    if (message.from !== from || message.to !== this.#modules.identity()?.peerId) {
      const fields = { from: message.from, to: message.to };
      this.#refuse(from, transportErrors.FOREIGN_PEER("message not for this server", { fields }));
      return;
    }
    counters.received += 1;
    handlers.onMessage(message);
  }

  #decode(bytes: Uint8Array, from: PeerId): ReturnType<typeof decodeMessage> | undefined {
    try {
      return decodeMessage(bytes);
    } catch (thrown) {
      if (!(thrown instanceof QuorateError)) throw thrown;
      this.#refuse(from, thrown);
      return undefined;
    }
  }

  /** Raft repeats what matters, and a newer release may send kinds of message that this one does not know. */
  #refuse(peer: PeerId, error: QuorateError): void {
    noteRefusal(this.#modules, error, { what: "message refused", by: { peer } });
  }
}

interface FrameSource {
  readonly from: PeerId;
  readonly stream: Stream;
  readonly answers: AnswerStream | undefined;
}

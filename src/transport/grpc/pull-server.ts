// Serving pulls: pieces are produced only as fast as the receiver reads them, and no longer than it listens.
import type { ServerWritableStream } from "@grpc/grpc-js";
import { DecodeError } from "../../base/bytes.ts";
import type { PeerId } from "../../base/numbers.ts";
import type { PullSource, TransportHandlers } from "../contract.ts";
import { codedError, transportErrors } from "../errors.ts";
import { pullsServedMax } from "../limits.ts";
import { decodePullRequest, encodePiece } from "./frames.ts";
import { toStatus } from "./status.ts";

type Call = ServerWritableStream<Buffer, Buffer>;

export class PullServer {
  readonly #handlers: TransportHandlers;
  readonly #open = new Set<Call>();

  constructor(handlers: TransportHandlers) {
    this.#handlers = handlers;
  }

  /** Streams the pieces to `call`; never rejects: what fails travels to the receiver. */
  async serve(call: Call, from: PeerId): Promise<void> {
    if (this.#open.size >= pullsServedMax) {
      const fields = { limit: "pullsServedMax", max: pullsServedMax };
      call.emit("error", toStatus(transportErrors.LIMIT_REACHED("too many pulls", { fields })));
      return;
    }
    this.#open.add(call);
    try {
      await this.#stream(call, this.#handlers.onPull(from, requestOf(call.request)));
      call.end();
    } catch (thrown) {
      call.emit("error", toStatus(codedError(thrown)));
    } finally {
      this.#open.delete(call);
    }
  }

  /** Breaks every pull: the receivers ask again, here or elsewhere. */
  endAll(): void {
    const error = transportErrors.UNREACHABLE("this server stops");
    for (const call of this.#open) call.emit("error", toStatus(error));
  }

  async #stream(call: Call, pieces: ReturnType<TransportHandlers["onPull"]>): Promise<void> {
    for await (const piece of pieces) {
      if (isGone(call)) return;
      if (!call.write(encodePiece(piece))) await drained(call);
      if (isGone(call)) return;
    }
  }
}

function requestOf(frame: Buffer): PullSource {
  try {
    const source = decodePullRequest(frame);
    if (source !== undefined) return source;
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw transportErrors.MESSAGE_DAMAGED("damaged pull request", { cause });
  }
  throw transportErrors.MESSAGE_UNKNOWN("pull of an unknown kind of source");
}

function isGone(call: Call): boolean {
  return call.cancelled || call.destroyed || call.writableEnded;
}

/** Resolves when the stream takes more, or never will. */
function drained(call: Call): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ["drain", "cancelled", "close"]) call.off(event, done);
      resolve();
    };
    for (const event of ["drain", "cancelled", "close"]) call.on(event, done);
  });
}

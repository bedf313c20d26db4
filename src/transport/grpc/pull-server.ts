// Serving pulls: pieces are produced only as fast as the receiver reads them, and no longer than it listens.
import type { ServerWritableStream } from "@grpc/grpc-js";
import { DecodeError } from "../../base/bytes.ts";
import type { Clock } from "../../base/clock.ts";
import type { QuorateError } from "../../base/errors.ts";
import type { PeerId } from "../../base/numbers.ts";
import type { PullSource, TransportHandlers } from "../contract.ts";
import { codedError, reasonOf, transportErrors } from "../errors.ts";
import { pullsServedMax, pullUnreadMs } from "../limits.ts";
import { decodePullRequest, encodePiece } from "./frames.ts";
import { noteRefusal, type RefusalModules } from "./refusals.ts";
import { toStatus } from "./status.ts";

type Call = ServerWritableStream<Buffer, Buffer>;

export interface PullServerModules extends RefusalModules {
  readonly clock: Clock;
  readonly handlers: TransportHandlers;
}

export class PullServer {
  readonly #modules: PullServerModules;
  readonly #open = new Set<Call>();

  constructor(modules: PullServerModules) {
    this.#modules = modules;
  }

  /** Streams the pieces to `call`; never rejects: what fails travels to the receiver. */
  async serve(call: Call, from: PeerId): Promise<void> {
    if (this.#open.size >= pullsServedMax) {
      const fields = { limit: "pullsServedMax", max: pullsServedMax };
      this.#refuse(call, from, transportErrors.LIMIT_REACHED("too many pulls", { fields }));
      return;
    }
    this.#open.add(call);
    try {
      const { handlers } = this.#modules;
      await this.#stream(call, handlers.onPull(from, requestOf(call.request)));
      call.end();
    } catch (thrown) {
      this.#refuse(call, from, codedError(thrown));
    } finally {
      this.#open.delete(call);
    }
  }

  /** Breaks every pull: the receivers ask again, here or elsewhere. */
  endAll(): void {
    const error = transportErrors.UNREACHABLE("this server stops");
    for (const call of this.#open) call.emit("error", toStatus(error));
  }

  /** What the handler itself says is told to the receiver, who knows what it asked for; it is no refusal of the door. */
  #refuse(call: Call, peer: PeerId, error: QuorateError): void {
    const isOurs = reasonOf(error) !== undefined;
    if (isOurs) noteRefusal(this.#modules, error, { what: "pull refused", by: { peer } });
    call.emit("error", toStatus(error));
  }

  async #stream(call: Call, pieces: ReturnType<TransportHandlers["onPull"]>): Promise<void> {
    for await (const piece of pieces) {
      if (isGone(call)) return;
      if (!call.write(encodePiece(piece))) await drained(call, this.#modules.clock);
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

/** Resolves when the stream takes more, or never will; rejects when the receiver takes nothing for too long. */
function drained(call: Call, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const events = ["drain", "cancelled", "close"];
    const done = (): void => {
      cancel();
      for (const event of events) call.off(event, done);
      resolve();
    };
    const cancel = clock.after(pullUnreadMs, () => {
      const fields = { limit: "pullUnreadMs", max: pullUnreadMs };
      for (const event of events) call.off(event, done);
      reject(transportErrors.LIMIT_REACHED("the receiver does not read", { fields }));
    });
    for (const event of events) call.on(event, done);
  });
}

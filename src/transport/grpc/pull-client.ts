// The receiving side of a pull: a server stream read at the pace of the consumer.
import type { Client, ClientReadableStream, Metadata, StatusObject } from "@grpc/grpc-js";
import { DecodeError } from "../../base/bytes.ts";
import type { Clock } from "../../base/clock.ts";
import { QuorateError } from "../../base/errors.ts";
import type { PullPiece, PullSource } from "../contract.ts";
import { transportErrors } from "../errors.ts";
import { pullStallMs } from "../limits.ts";
import { decodePiece, encodePullRequest } from "./frames.ts";
import { asIs, paths } from "./service.ts";
import { fromStatus } from "./status.ts";

export interface PullModules {
  readonly clock: Clock;
  readonly client: Client;
}

/**
 * The pieces of `source`. Fails with the peer's coded error or UNREACHABLE: what arrived until then is intact and
 * in order. Leaving the loop cancels the pull at the peer.
 */
export async function* pullPieces(
  source: PullSource,
  metadata: Metadata,
  modules: PullModules,
): AsyncGenerator<PullPiece> {
  const request = encodePullRequest(source);
  const stream = modules.client.makeServerStreamRequest(paths.pull, asIs, asIs, request, metadata);
  const frames = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      const next = await nextFrame(stream, frames, modules.clock);
      if (next.done === true) return;
      yield decodePiece(next.value);
    }
  } catch (thrown) {
    throw coded(thrown);
  } finally {
    stream.cancel();
  }
}

async function nextFrame(
  stream: ClientReadableStream<Buffer>,
  frames: AsyncIterator<Buffer>,
  clock: Clock,
): Promise<IteratorResult<Buffer>> {
  const cancelStall = clock.after(pullStallMs, () => {
    const fields = { pullStallMs };
    stream.destroy(transportErrors.UNREACHABLE("the pull came to a standstill", { fields }));
  });
  try {
    return await frames.next();
  } finally {
    cancelStall();
  }
}

function coded(thrown: unknown): unknown {
  if (thrown instanceof QuorateError) return thrown;
  if (thrown instanceof DecodeError) {
    return transportErrors.MESSAGE_DAMAGED("damaged piece", { cause: thrown });
  }
  if (!isServiceError(thrown)) return thrown;
  const fields = { grpcStatus: thrown.code };
  const broken = transportErrors.UNREACHABLE("the pull broke", { fields, cause: thrown });
  return fromStatus(thrown) ?? broken;
}

function isServiceError(thrown: unknown): thrown is StatusObject & Error {
  return thrown instanceof Error && "metadata" in thrown && "code" in thrown;
}

// The streaming calls: uploads come in, downloads and watches go out, each no faster than the other side takes it.
import { once } from "node:events";
import type {
  ServerReadableStream,
  ServerWritableStream,
  sendUnaryData,
  UntypedHandleCall,
} from "@grpc/grpc-js";
import { type Static, Type } from "typebox";
import { index } from "../../base/numbers.ts";
import type { ResourceKind } from "../../state/rows.ts";
import { callOptions, checker, wholeNumber } from "../calls/call.ts";
import { serverAnswer } from "../calls/registry.ts";
import {
  downloadSchema,
  orDefault,
  orLatest,
  uploadHeaderSchema,
  versionAnswer,
} from "../calls/resource.ts";
import { apiErrors } from "../errors.ts";
import { readyServices } from "../ready.ts";
import type { DoorModules } from "../services.ts";
import { received } from "./messages.ts";
import { serviceError } from "./status.ts";
import { contextOf, logIfDefect } from "./unary.ts";

/** An upload of a gigabyte may take this long when its caller names no deadline. */
const transferDeadlineMs = 600_000;
const watchWaitMs = 30_000;

interface UploadPart {
  readonly part?: "header" | "data";
  readonly header?: unknown;
  readonly data?: Uint8Array;
}

const checkHeader = checker(uploadHeaderSchema);
const checkDownload = checker(downloadSchema);
const checkWatch = checker(Type.Object({ sinceRevision: wholeNumber() }));

function uploadHeader(part: UploadPart | undefined): Static<typeof uploadHeaderSchema> {
  if (part?.part !== "header")
    throw apiErrors.BAD_REQUEST("the first message of an upload must be its header");
  return checkHeader(part.header);
}

type IncomingStream = ServerReadableStream<unknown, unknown>;

async function* dataOf(
  call: IncomingStream,
  parts: AsyncIterator<UploadPart>,
): AsyncGenerator<Uint8Array> {
  for (;;) {
    const next = await parts.next();
    // A stream that was cut off ends like one that is complete.
    if (call.cancelled) throw apiErrors.BAD_REQUEST("the caller broke the upload off");
    if (next.done === true) return;
    const value = received(next.value) as UploadPart;
    if (value.part !== "data" || value.data === undefined) {
      throw apiErrors.BAD_REQUEST("after the header an upload has data only");
    }
    yield value.data;
  }
}

function upload(modules: DoorModules): UntypedHandleCall {
  return (call: IncomingStream, answer: sendUnaryData<unknown>) => {
    void (async () => {
      try {
        const services = readyServices(modules.services);
        const parts = (call as AsyncIterable<UploadPart>)[Symbol.asyncIterator]();
        const first = await parts.next();
        const header = uploadHeader(
          first.done === true ? undefined : (received(first.value) as UploadPart),
        );
        const kind: ResourceKind = header.kind === "" ? "file" : header.kind;
        const request = {
          namespace: orDefault(header.namespace),
          name: header.name,
          kind,
          note: header.note,
          sizeBytes: header.sizeBytes ?? -1,
          digest: header.digest,
        };
        const context = { ...contextOf(call), deadlineMs: transferDeadlineMs };
        const row = await services.resources.upload(
          request,
          dataOf(call, parts),
          callOptions(context),
        );
        answer(null, { version: versionAnswer(row) });
      } catch (thrown) {
        logIfDefect(modules.logger, thrown, "Upload");
        answer(serviceError(thrown));
      }
    })();
  };
}

type OutgoingStream = ServerWritableStream<unknown, unknown>;

/** Writes and waits for room; false when the other side has gone. */
async function write(call: OutgoingStream, message: unknown): Promise<boolean> {
  if (call.cancelled || call.destroyed) return false;
  if (!call.write(message)) {
    const gone = new AbortController();
    const leave = (): void => {
      gone.abort();
    };
    call.once("cancelled", leave);
    try {
      await once(call, "drain", { signal: gone.signal });
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    } finally {
      call.off("cancelled", leave);
    }
  }
  return !call.cancelled;
}

function outgoing(
  modules: DoorModules,
  method: string,
  produce: (call: OutgoingStream) => AsyncIterable<unknown>,
): UntypedHandleCall {
  return (call: OutgoingStream) => {
    void (async () => {
      try {
        for await (const message of produce(call)) {
          if (!(await write(call, message))) break;
        }
        call.end();
      } catch (thrown) {
        logIfDefect(modules.logger, thrown, method);
        call.emit("error", serviceError(thrown));
      }
    })();
  };
}

async function* download(modules: DoorModules, call: OutgoingStream): AsyncGenerator {
  const services = readyServices(modules.services);
  const request = checkDownload(received(call.request));
  const { version, bytes } = await services.resources.download(
    {
      name: request.name,
      namespace: orDefault(request.namespace),
      version: orLatest(request.version),
    },
    callOptions(contextOf(call)),
  );
  yield { version: versionAnswer(version) };
  for await (const data of bytes) yield { data };
}

async function* watchServers(modules: DoorModules, call: OutgoingStream): AsyncGenerator {
  const services = readyServices(modules.services);
  const { replica, members } = services;
  const { sinceRevision } = checkWatch(received(call.request));
  let since = index(sinceRevision);
  for (let first = true; !call.cancelled; first = false) {
    if (!first || since > 0) await replica.watch.wait(["servers", "sessions"], since, watchWaitMs);
    const { revision } = replica;
    const servers = (await members.list(callOptions(contextOf(call)))).map(serverAnswer);
    yield { servers, revision };
    since = revision;
  }
}

/** service → method → handler, for the calls that are streams. */
export function streamHandlers(
  modules: DoorModules,
): Readonly<Record<"registry" | "resource", Readonly<Record<string, UntypedHandleCall>>>> {
  return {
    registry: {
      WatchServers: outgoing(modules, "WatchServers", (call) => watchServers(modules, call)),
    },
    resource: {
      Upload: upload(modules),
      Download: outgoing(modules, "Download", (call) => download(modules, call)),
    },
  };
}

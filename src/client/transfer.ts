// The two streaming calls. Bytes go no faster than the other side takes them, and a piece is never larger than the
// protocol allows.
import { once } from "node:events";
import type { ClientWritableStream } from "@grpc/grpc-js";
import { messageOf } from "../base/errors.ts";
import type { DownloadResponse__Output as DownloadPart } from "../gen/quorate/resource/v1/DownloadResponse.ts";
import type { UploadRequest } from "../gen/quorate/resource/v1/UploadRequest.ts";
import type { UploadResponse__Output as UploadAnswer } from "../gen/quorate/resource/v1/UploadResponse.ts";
import type { Version__Output as Version } from "../gen/quorate/resource/v1/Version.ts";
import type { Link } from "./caller.ts";
import { clientErrors } from "./errors.ts";
import { failureOf } from "./failure.ts";
import { serviceMethods } from "./protocol.ts";

/** A message of an upload carries at most 1 MiB; smaller pieces keep the connection even. */
const pieceBytes = 256 * 1024;

export interface PushHeader {
  /** Default: `default`. */
  readonly namespace?: string;
  readonly name: string;
  /** jar, library, connector, udf, file (default) or archive. */
  readonly kind?: string;
  readonly note?: string;
  /** When given, a difference refuses the upload. */
  readonly sizeBytes?: number;
  /** SHA-256, 64 hexadecimal digits; when given, a difference refuses the upload. */
  readonly digest?: string;
}

export interface Upload {
  readonly header: PushHeader;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly onProgress: ((sentBytes: number) => void) | undefined;
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    yield bytes.subarray(at, at + pieceBytes);
  }
}

/** A promise that is settled from outside. */
function promiseOf<Value>(): {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
} {
  let settle: ((value: Value) => void) | undefined;
  const promise = new Promise<Value>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: (value) => settle?.(value) };
}

type UploadStream = ClientWritableStream<UploadRequest>;

/** Resolves when the stream takes more, or when there is nobody to take it. */
async function roomIn(stream: UploadStream, answered: AbortSignal): Promise<void> {
  try {
    await once(stream, "drain", { signal: answered });
  } catch (error) {
    if (!answered.aborted) throw error;
  }
}

/** Writes until the source is empty or the server has answered; false in the latter case. */
async function sendAll(
  stream: UploadStream,
  { header, bytes, onProgress }: Upload,
  answered: AbortSignal,
): Promise<boolean> {
  stream.write({ header });
  let sentBytes = 0;
  for await (const chunk of bytes) {
    for (const data of pieces(chunk)) {
      if (answered.aborted) return false;
      if (!stream.write({ data })) {
        await roomIn(stream, answered);
      }
      sentBytes += data.length;
      onProgress?.(sentBytes);
    }
  }
  return !answered.aborted;
}

type Answered = { readonly answer: UploadAnswer } | { readonly error: unknown };

/** Rejects with what the server answered, also when that came before the last byte was sent. */
export async function upload(link: Link, task: Upload): Promise<UploadAnswer> {
  const { client, metadata, untilMs } = link;
  const method = serviceMethods("resource").Upload;
  const answered = new AbortController();
  const { promise, resolve } = promiseOf<Answered>();
  const stream = client.makeClientStreamRequest(
    method.path,
    (request: UploadRequest) => method.requestSerialize(request),
    (bytes) => method.responseDeserialize(bytes),
    metadata,
    { deadline: untilMs },
    (error, answer) => {
      ended();
      answered.abort();
      if (error === null && answer !== undefined) resolve({ answer });
      else {
        resolve({
          error: error ?? clientErrors.BAD_ANSWER("the upload was answered with nothing"),
        });
      }
    },
  );
  const ended = link.track(stream);
  try {
    if (await sendAll(stream, task, answered.signal)) stream.end();
  } catch (error) {
    // The source failed: the servers forget what was sent.
    stream.cancel();
    throw clientErrors.SOURCE_FAILED(messageOf(error), { cause: error });
  }
  const end = await promise;
  if ("error" in end) throw end.error;
  return end.answer;
}

async function* dataOf(
  parts: AsyncIterator<DownloadPart>,
  address: string,
  leave: () => void,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    for (;;) {
      const next = await parts.next();
      if (next.done === true) return;
      if (next.value.data !== undefined) yield next.value.data;
    }
  } catch (thrown) {
    throw failureOf(thrown, address).error;
  } finally {
    leave();
  }
}

export interface Download {
  readonly namespace?: string;
  readonly name: string;
  readonly version?: string;
}

export async function download(
  link: Link,
  selected: Download,
): Promise<{
  readonly version: Version;
  readonly bytes: AsyncGenerator<Uint8Array, void, void>;
}> {
  const { client, metadata, untilMs } = link;
  const method = serviceMethods("resource").Download;
  const stream = client.makeServerStreamRequest(
    method.path,
    (request: Download) => method.requestSerialize(request),
    (bytes) => method.responseDeserialize(bytes),
    selected,
    metadata,
    { deadline: untilMs },
  );
  const ended = link.track(stream);
  const leave = (): void => {
    ended();
    stream.cancel();
  };
  const parts = (stream as AsyncIterable<DownloadPart>)[Symbol.asyncIterator]();
  try {
    const first = await parts.next();
    const version = first.done === true ? undefined : first.value.version;
    if (version === undefined || version === null) {
      throw clientErrors.BAD_ANSWER("the download does not begin with its version");
    }
    return { version, bytes: dataOf(parts, link.address, leave) };
  } catch (error) {
    leave();
    throw error;
  }
}

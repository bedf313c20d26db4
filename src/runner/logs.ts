// Reading what jobs wrote on this machine. A position counts everything that the job ever wrote here, across
// rotated files, so that a reader can follow by asking again from where the last answer ended.
import { open } from "node:fs/promises";
import { runnerErrors } from "./errors.ts";
import { logReadBytesMax, tailLinesDefault } from "./limits.ts";
import { jobLogDirectory, type LogFile, logFiles } from "./sentinel/log.ts";

export interface LogPart {
  /** Position of the first byte; later than asked for when the older output was rotated away. */
  readonly offset: number;
  /** Where to go on reading. */
  readonly nextOffset: number;
  /** Position after the last byte that exists now. */
  readonly endOffset: number;
  readonly bytes: Uint8Array;
}

async function readAt(file: LogFile, offset: number, bytesMax: number): Promise<Uint8Array> {
  const handle = await open(file.path, "r");
  try {
    const buffer = Buffer.alloc(Math.min(bytesMax, file.start + file.sizeBytes - offset));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset - file.start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

export interface LogReaderOptions {
  readonly dataDirectory: string;
}

/** Stateless: every call looks at the directory. */
export class LogReader {
  readonly #dataDirectory: string;

  constructor(options: LogReaderOptions) {
    this.#dataDirectory = options.dataDirectory;
  }

  /** At most `bytesMax` (and 256 KiB) from `offset` on. Throws `QUORATE_RUNNER_NO_LOG` when the job never ran here. */
  async read(
    jobId: string,
    at: { readonly offset: number; readonly bytesMax?: number },
  ): Promise<LogPart> {
    const files = await this.#filesOf(jobId);
    const endOffset = files.reduce((end, file) => Math.max(end, file.start + file.sizeBytes), 0);
    const bytesMax = Math.min(at.bytesMax ?? logReadBytesMax, logReadBytesMax);
    const parts: Uint8Array[] = [];
    const offset = Math.min(Math.max(at.offset, files[0]?.start ?? 0), endOffset);
    let next = offset;
    for (const file of files) {
      if (next >= file.start + file.sizeBytes || next < file.start) continue;
      const part = await readAt(file, next, bytesMax - (next - offset));
      parts.push(part);
      next += part.length;
    }
    return { offset, nextOffset: next, endOffset, bytes: Buffer.concat(parts) };
  }

  /** The last `linesMax` lines, at most 256 KiB of them; `nextOffset` is where following goes on. */
  async tail(jobId: string, linesMax: number = tailLinesDefault): Promise<LogPart> {
    const { endOffset } = await this.read(jobId, { offset: Number.MAX_SAFE_INTEGER });
    const part = await this.read(jobId, { offset: Math.max(0, endOffset - logReadBytesMax) });
    const text = Buffer.from(part.bytes);
    let at = text.at(-1) === 0x0a ? text.length - 1 : text.length;
    for (let lines = 0; lines < linesMax && at >= 0; lines += 1) {
      at = at === 0 ? -1 : text.lastIndexOf(0x0a, at - 1);
    }
    // A cut first line is dropped unless it is all there is.
    const isCut = at < 0 && part.offset > 0;
    const begin = isCut ? text.indexOf(0x0a) + 1 : at + 1;
    return { ...part, offset: part.offset + begin, bytes: text.subarray(begin) };
  }

  async #filesOf(jobId: string): Promise<readonly LogFile[]> {
    const isPlain = /^[A-Za-z0-9_-]+$/.test(jobId);
    const files = isPlain ? await logFiles(jobLogDirectory(this.#dataDirectory, jobId)) : [];
    if (files.length === 0) {
      throw runnerErrors.NO_LOG(`no output of ${jobId} on this server`, { fields: { jobId } });
    }
    return files;
  }
}

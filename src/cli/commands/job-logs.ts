import type { QuorateError } from "../../base/errors.ts";
import type { CliContext } from "../context.ts";
import { utf8Text } from "../document.ts";
import type { Input } from "../run.ts";
import { wholeNumber } from "../settings.ts";

const tailBytesMax = 256 * 1024;

export interface LogFlags {
  readonly follow?: boolean;
  readonly tail?: string;
}

interface Piece {
  readonly data: Uint8Array;
  readonly nextOffset: number;
  readonly serverId: string;
  readonly truncated: boolean;
}

/** One piece: the bytes themselves, or a line of JSON. */
async function print(context: CliContext, piece: Piece): Promise<void> {
  if (!context.isJson) {
    await context.data(piece.data);
    return;
  }
  const text = utf8Text(piece.data);
  const data = Buffer.from(piece.data).toString("base64");
  await context.line(JSON.stringify({ ...piece, data, ...(text === undefined ? {} : { text }) }));
}

/** The output as it is: what a job prints is not touched, not even its colours. */
export async function logs(context: CliContext, { words, flags }: Input<LogFlags>): Promise<void> {
  const [job = ""] = words;
  const tailBytes = flags.tail === undefined ? 0 : wholeNumber("--tail", flags.tail, tailBytesMax);
  const { jobs } = await context.client();
  if (flags.follow === true) {
    const onInterrupted = ({ message }: QuorateError): Promise<void> =>
      context.say(`waiting: ${message}`);
    let from: string | undefined;
    const options = { tailBytes, signal: context.closed, onInterrupted };
    for await (const piece of jobs.followLog(job, options)) {
      if (from !== undefined && piece.serverId !== from) {
        await context.say(`the output goes on from ${piece.serverId}`);
      }
      from = piece.serverId;
      await print(context, piece);
    }
    return;
  }
  let piece = await jobs.readLog(job, { tailBytes });
  const { serverId } = piece;
  // Up to the moment at which there is no more; a job that writes faster than this reads is followed.
  while (piece.data.length > 0 && piece.serverId === serverId && !context.closed.aborted) {
    await print(context, piece);
    piece = await jobs.readLog(job, { offset: piece.nextOffset });
  }
}

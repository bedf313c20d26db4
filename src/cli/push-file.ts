// Uploading a file: once through it for its digest, so that the servers can refuse what was changed on the way, and
// once more to send it.
import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { messageOf } from "../base/errors.ts";
import { MiB } from "../base/units.ts";
import type { QuorateClient } from "../client/quorate-client.ts";
import type { CliContext } from "./context.ts";
import { cliErrors } from "./errors.ts";
import { resourceName } from "./names.ts";
import { progressOf } from "./progress.ts";

export interface PushTask {
  readonly path: string;
  readonly name?: string;
  readonly kind?: string;
  readonly note?: string;
}

const endings = [
  [".jar", "jar"],
  [".zip", "archive"],
  [".tar", "archive"],
  [".tar.gz", "archive"],
  [".tgz", "archive"],
] as const;

export function kindOf(path: string): string {
  return endings.find(([ending]) => path.toLowerCase().endsWith(ending))?.[1] ?? "file";
}

function badFile(path: string, error: unknown): Error {
  return cliErrors.BAD_FILE(`cannot read ${path}: ${messageOf(error)}`, {
    cause: error,
    fields: { path },
  });
}

async function fileStats(path: string): Promise<Stats> {
  const stats = await stat(path).catch((error: unknown) => {
    throw badFile(path, error);
  });
  if (!stats.isFile()) throw cliErrors.BAD_FILE(`${path} is not a file`, { fields: { path } });
  return stats;
}

const bytesOf = (path: string): AsyncIterable<Uint8Array> =>
  createReadStream(path, { highWaterMark: MiB });

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of bytesOf(path)) hash.update(chunk);
  } catch (error) {
    throw badFile(path, error);
  }
  return hash.digest("hex");
}

/** Uploads a file as a new version and resolves with it. */
export async function pushFile(
  context: CliContext,
  { path, name, kind = kindOf(path), note = "" }: PushTask,
): Promise<Awaited<ReturnType<QuorateClient["resources"]["push"]>>> {
  const { size } = await fileStats(path);
  const digest = await digestOf(path);
  const { resources } = await context.client();
  const header = {
    ...resourceName(name ?? basename(path).toLowerCase()),
    kind,
    note,
    sizeBytes: size,
    digest,
  };
  const progress = await progressOf(context, { label: header.name, totalBytes: size });
  try {
    return await resources.push(() => bytesOf(path), { header, onProgress: progress.update });
  } finally {
    progress.stop();
  }
}

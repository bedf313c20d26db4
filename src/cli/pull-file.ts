// Downloading a version: into a temporary file beside its place, checked, then renamed, so that a file under its name is
// always whole.
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, open, rename, rm } from "node:fs/promises";
import { messageOf } from "../base/errors.ts";
import type { QuorateClient } from "../client/quorate-client.ts";
import type { CliContext } from "./context.ts";
import { cliErrors } from "./errors.ts";
import { progressOf } from "./progress.ts";

type Pulled = Awaited<ReturnType<QuorateClient["resources"]["pull"]>>;

export interface PullTask {
  readonly selected: {
    readonly namespace: string;
    readonly name: string;
    readonly version: string;
  };
  /** A path, or `-` for stdout. */
  readonly target: string;
  readonly isForced: boolean;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path, constants.F_OK);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** Passes the bytes on and throws BAD_DOWNLOAD at their end when they are others than promised. */
async function checked(
  { version, bytes }: Pulled,
  take: (chunk: Uint8Array) => Promise<void>,
  onProgress: (doneBytes: number) => void,
): Promise<void> {
  const hash = createHash("sha256");
  let doneBytes = 0;
  for await (const chunk of bytes) {
    hash.update(chunk);
    doneBytes += chunk.length;
    await take(chunk);
    onProgress(doneBytes);
  }
  const digest = hash.digest("hex");
  if (digest !== version.digest || doneBytes !== version.sizeBytes) {
    throw cliErrors.BAD_DOWNLOAD(
      `${version.name}@${String(version.version)} has the digest ${version.digest}, but ${digest} arrived`,
      { fields: { sizeBytes: version.sizeBytes, arrivedBytes: doneBytes } },
    );
  }
}

async function intoFile(
  path: string,
  fill: (take: (chunk: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.part-${String(process.pid)}`;
  const file = await open(temporary, "wx").catch((cause: unknown) => {
    throw cliErrors.BAD_FILE(`cannot write ${path}: ${messageOf(cause)}`, {
      cause,
      fields: { path },
    });
  });
  try {
    try {
      await fill(async (chunk) => {
        await file.writeFile(chunk);
      });
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Resolves with the version that was written. */
export async function pullTo(
  context: CliContext,
  { selected, target, isForced }: PullTask,
): Promise<Pulled["version"]> {
  const isStdout = target === "-";
  if (!isStdout && !isForced && (await isThere(target))) {
    throw cliErrors.FILE_EXISTS(`${target} exists; --force replaces it`, {
      fields: { path: target },
    });
  }
  const { resources } = await context.client();
  const pulled = await resources.pull(selected);
  const { name, sizeBytes } = pulled.version;
  const progress = await progressOf(context, { label: name, totalBytes: isStdout ? 0 : sizeBytes });
  try {
    if (isStdout) await checked(pulled, (chunk) => context.data(chunk), progress.update);
    else await intoFile(target, (take) => checked(pulled, take, progress.update));
  } finally {
    progress.stop();
  }
  return pulled.version;
}

// A damaged log, hard state, snapshot or identity is never repaired in place: an older state could come back, and with it
// votes could be given twice and acknowledged entries be forgotten. The decision is written down first, durably; only
// then are the damaged parts moved aside, kept as evidence. What remains has no Raft peer id: it neither votes nor
// acknowledges anything until the others have admitted it anew.
//
//   decided ──files moved──▶ aside ──admitted by the others──▶ (no record)
//   stopped: there were too many, so nothing is moved any more. It stays, also for the next start: without it that start
//            would go on with the old peer id and with data that is not to be believed.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import { day } from "../../base/units.ts";
import { storageErrors } from "../errors.ts";
import { directoryMode, isMissing, replaceFileSync, syncDirectory } from "./atomic-file.ts";
import { newIdentity, type RandomHex, writeIdentity } from "./identity.ts";
import { readSealedJson, sealJson, unsealJson, writeSealedJson } from "./sealed-json.ts";

/** More within a day, and the disk is not to be trusted: the server stays stopped instead. */
export const quarantinesPerDayMax = 5;

const schema = Type.Object({
  stage: Type.Union([Type.Literal("decided"), Type.Literal("aside"), Type.Literal("stopped")]),
  code: Type.String(),
  message: Type.String(),
  atMs: Type.Integer({ minimum: 0 }),
  clusterId: Type.String({ minLength: 1 }),
  generation: Type.Integer({ minimum: 0 }),
  serverId: Type.String({ minLength: 1 }),
  folder: Type.String({ pattern: "^[0-9]+$" }),
});
const check = Compile(schema);

export interface QuarantineRecord {
  readonly stage: "decided" | "aside" | "stopped";
  /** What was found. */
  readonly code: string;
  readonly message: string;
  readonly atMs: number;
  readonly clusterId: string;
  readonly generation: number;
  readonly serverId: string;
  /** Below `quarantined/`: holds the damaged files; when `stopped`, it would have. */
  readonly folder: string;
}

/** What is known when the decision is made. */
export type QuarantineReason = Omit<QuarantineRecord, "stage" | "folder">;

const isRecord = (value: unknown): value is QuarantineRecord => check.Check(value);
const recordPath = (directory: string): string => join(directory, "quarantine");
const reasonName = "reason";
/** What a server votes by. Chunks are verified one by one, so they stay. */
const partNames = ["log", "snapshots", "formation", "identity"];

/** Where the damaged files of this quarantine are. */
export function keptFolder(directory: string, { folder }: { readonly folder: string }): string {
  return join(directory, "quarantined", folder);
}

/** Undefined when this directory is in no quarantine. Throws CORRUPT_IDENTITY. */
export function readQuarantine(directory: string): Promise<QuarantineRecord | undefined> {
  return readSealedJson(recordPath(directory), isRecord);
}

function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function recordAt(path: string): QuarantineRecord | undefined {
  const bytes = ifThere(() => readFileSync(path));
  return bytes === undefined ? undefined : unsealJson(bytes, isRecord);
}

interface Earlier {
  /** Quarantines of the last day. */
  readonly recent: number;
  /** The next folder to keep damaged files in. */
  readonly folder: string;
}

function earlierIn(directory: string, atMs: number): Earlier {
  const names = ifThere(() => readdirSync(join(directory, "quarantined"))) ?? [];
  const folders = names.filter((name) => /^[0-9]+$/.test(name));
  const recent = folders.filter((folder) => {
    const kept = recordAt(join(keptFolder(directory, { folder }), reasonName));
    return kept !== undefined && kept.atMs > atMs - day;
  });
  return { recent: recent.length, folder: String(Math.max(0, ...folders.map(Number)) + 1) };
}

/** Throws QUARANTINED_TOO_OFTEN when the server has to stay stopped. */
export function refuseStopped(directory: string, record: QuarantineRecord | undefined): void {
  if (record?.stage !== "stopped") return;
  throw storageErrors.QUARANTINED_TOO_OFTEN(
    `${directory} was damaged ${String(quarantinesPerDayMax)} times within a day, and then again: ${record.message}`,
    { fields: { directory, quarantinesPerDayMax, code: record.code, atMs: record.atMs } },
  );
}

/**
 * Decides that what this directory says is not to be believed any more; the next `openDataDirectory` moves the files.
 * Durable when it returns, and without a turn in between: a process that found damage must do nothing else before. Only for
 * the process that holds the directory. A decision that stands already is kept. Throws QUARANTINED_TOO_OFTEN, which is
 * decided as durably, or WRITE_FAILED.
 */
export function decideQuarantine(directory: string, reason: QuarantineReason): void {
  const found = recordAt(recordPath(directory));
  refuseStopped(directory, found);
  if (found?.stage === "decided") return;
  const { recent, folder } = earlierIn(directory, reason.atMs);
  const stage = recent >= quarantinesPerDayMax ? "stopped" : "decided";
  const record: QuarantineRecord = { ...reason, stage, folder };
  replaceFileSync(recordPath(directory), sealJson(record));
  refuseStopped(directory, record);
}

/** Moves what has not been moved yet: an earlier attempt may have been cut short anywhere. */
async function movePart(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/**
 * Carries out a decision: the damaged parts move below `quarantined/`, and a new identity (new incarnation, no
 * peer id) takes the place of the old one. Idempotent. Nobody else may have the directory open.
 */
export async function putAside(
  directory: string,
  record: QuarantineRecord,
  random: RandomHex,
): Promise<QuarantineRecord> {
  const folder = keptFolder(directory, record);
  await mkdir(folder, { recursive: true, mode: directoryMode });
  const moved = await readdir(folder);
  for (const name of partNames) {
    // What lies there already was moved before: what has its place now is new.
    if (!moved.includes(name)) await movePart(join(directory, name), join(folder, name));
  }
  await writeSealedJson(join(folder, reasonName), record);
  await syncDirectory(join(directory, "quarantined"));
  await syncDirectory(directory);
  const { clusterId, generation, serverId } = record;
  await writeIdentity(directory, { ...newIdentity(serverId, random), clusterId, generation });
  const aside: QuarantineRecord = { ...record, stage: "aside" };
  await writeSealedJson(recordPath(directory), aside);
  return aside;
}

/** The others have admitted this directory anew. The damaged files stay, and so does what was decided meanwhile. */
export async function endQuarantine(directory: string): Promise<void> {
  const stage = recordAt(recordPath(directory))?.stage;
  if (stage === "decided" || stage === "stopped") return;
  rmSync(recordPath(directory), { force: true });
  await syncDirectory(directory);
}

// A damaged log, hard state, snapshot or identity is never repaired in place: an older state could come back, and with it
// votes could be given twice and acknowledged entries be forgotten. The decision is written down first, durably; only
// then are the damaged parts moved aside, kept as evidence. What remains has no Raft peer id: it neither votes nor
// acknowledges anything until the others have admitted it anew.
//
//   decided ──files moved──▶ aside ──admitted by the others──▶ (no record)
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
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
  stage: Type.Union([Type.Literal("decided"), Type.Literal("aside")]),
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
  readonly stage: "decided" | "aside";
  /** What was found. */
  readonly code: string;
  readonly message: string;
  readonly atMs: number;
  readonly clusterId: string;
  readonly generation: number;
  readonly serverId: string;
  /** Below `quarantined/`: holds the damaged files. */
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

/** The next folder to keep damaged files in. Throws QUARANTINED_TOO_OFTEN. */
function nextFolder(directory: string, { atMs, message }: QuarantineReason): string {
  const names = ifThere(() => readdirSync(join(directory, "quarantined"))) ?? [];
  const folders = names.filter((name) => /^[0-9]+$/.test(name));
  const recent = folders.filter((folder) => {
    const kept = recordAt(join(keptFolder(directory, { folder }), reasonName));
    return kept !== undefined && kept.atMs > atMs - day;
  });
  if (recent.length >= quarantinesPerDayMax) {
    throw storageErrors.QUARANTINED_TOO_OFTEN(
      `${directory} was damaged ${String(recent.length)} times within a day, and now again: ${message}`,
      { fields: { directory, quarantinesPerDayMax } },
    );
  }
  return String(Math.max(0, ...folders.map(Number)) + 1);
}

/**
 * Decides that what this directory says is not to be believed any more; the next `openDataDirectory` moves the files.
 * Durable when it returns, and without a turn in between: a process that found damage must do nothing else before. A
 * decision that stands already is kept. Throws QUARANTINED_TOO_OFTEN or WRITE_FAILED.
 */
export function decideQuarantine(directory: string, reason: QuarantineReason): void {
  if (recordAt(recordPath(directory))?.stage === "decided") return;
  const record: QuarantineRecord = {
    ...reason,
    stage: "decided",
    folder: nextFolder(directory, reason),
  };
  replaceFileSync(recordPath(directory), sealJson(record));
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

/** The others have admitted this directory anew. The damaged files stay. */
export async function endQuarantine(directory: string): Promise<void> {
  await rm(recordPath(directory), { force: true });
  await syncDirectory(directory);
}

// Who the data directory is. JSON, so that a person can read it; with a checksum, because a changed server id
// or peer id would make this server vote as somebody else.
// It keeps the starts that peers may remember, so that it can prove to them that it comes after those: an old copy cannot, however
// often it was started since. Starts that nobody heard must not push out the others, so each kind has its own room.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import type { EarlierBoot, Identity } from "../contract.ts";
import { storageErrors } from "../errors.ts";
import { readFileIfThere, replaceFile } from "./atomic-file.ts";

/** Grows with every change that an older program could not read. */
export const formatVersionCurrent = 1;

/** Starts that were heard. A peer that was away for more of them cannot judge; those who heard them could. */
export const heardBootsMax = 32;
/**
 * Starts that were not, as far as this directory knows: a crash may come between the moment at which a peer remembers a start and the
 * one at which it is noted here.
 */
export const unheardBootsMax = 32;

const nonceBytes = 8;
const identityPath = (directory: string): string => join(directory, "identity");

/** `bytes` random bytes as hexadecimal digits; handed in, so that a simulation repeats itself. */
export type RandomHex = (bytes: number) => string;

export const randomHex: RandomHex = (bytes) => randomBytes(bytes).toString("hex");

/** A new directory, before its first boot. */
export function newIdentity(serverId: string | undefined, random: RandomHex): Identity {
  return {
    clusterId: "",
    generation: 0,
    serverId: serverId ?? `server-${random(4)}`,
    incarnation: random(nonceBytes),
    peerId: 0,
    formatVersion: formatVersionCurrent,
    bootCounter: 0,
    bootNonce: "",
    isBootHeard: false,
    earlierBoots: [],
    bootsKnownSince: 0,
  };
}

/** The same directory at its next boot. */
export function nextBoot(identity: Identity, random: RandomHex): Identity {
  const { bootCounter: counter, bootNonce: nonce, isBootHeard: isHeard, earlierBoots } = identity;
  const all = counter === 0 ? [] : [...earlierBoots, { counter, nonce, isHeard }];
  const heardSince = oldestKept(
    all.filter((boot) => boot.isHeard),
    heardBootsMax,
  );
  const unheardSince = oldestKept(
    all.filter((boot) => !boot.isHeard),
    unheardBootsMax,
  );
  return {
    ...identity,
    bootCounter: counter + 1,
    bootNonce: random(nonceBytes),
    isBootHeard: false,
    earlierBoots: all.filter((boot) => boot.counter >= (boot.isHeard ? heardSince : unheardSince)),
    bootsKnownSince: Math.max(identity.bootsKnownSince, heardSince),
  };
}

/** The number of the oldest of the newest `max`; 0 when none is too many. */
function oldestKept(boots: readonly EarlierBoot[], max: number): number {
  return boots.length > max ? (boots.at(-max)?.counter ?? 0) : 0;
}

function checksumOf(identity: object): string {
  return crc32(JSON.stringify(identity)).toString(16).padStart(8, "0");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

const sample: Identity = newIdentity("", () => "");

const checkBoots = Compile(
  Type.Array(
    Type.Object({
      counter: Type.Integer({ minimum: 1 }),
      nonce: Type.String(),
      isHeard: Type.Boolean(),
    }),
    { maxItems: heardBootsMax + unheardBootsMax },
  ),
);

function isIdentity(value: Readonly<Record<string, unknown>>): boolean {
  return (
    Object.entries(sample).every(([key, example]) => typeof value[key] === typeof example) &&
    checkBoots.Check(value["earlierBoots"])
  );
}

/** A format version above ours is told apart from damage: its fields may be others. */
function parse(text: string): Identity {
  const file: unknown = JSON.parse(text);
  const identity = isRecord(file) ? file["identity"] : undefined;
  if (!isRecord(file) || !isRecord(identity) || checksumOf(identity) !== file["checksum"]) {
    throw new SyntaxError("the checksum does not match");
  }
  const version = identity["formatVersion"];
  if (typeof version === "number" && version > formatVersionCurrent) {
    throw storageErrors.NEWER_FORMAT(
      `the data directory has format ${String(version)}, this program knows formats up to ${String(formatVersionCurrent)}`,
      { fields: { formatVersion: version, formatVersionMax: formatVersionCurrent } },
    );
  }
  if (!isIdentity(identity)) throw new SyntaxError("fields are missing");
  return identity as unknown as Identity;
}

/** Undefined when there is none. Throws CORRUPT_IDENTITY or NEWER_FORMAT. */
export async function readIdentity(directory: string): Promise<Identity | undefined> {
  const bytes = await readFileIfThere(identityPath(directory));
  if (bytes === undefined) return undefined;
  try {
    return parse(bytes.toString("utf8"));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw storageErrors.CORRUPT_IDENTITY(`the file ${identityPath(directory)} is damaged`, {
      cause,
    });
  }
}

/** Durable before it resolves. */
export async function writeIdentity(directory: string, identity: Identity): Promise<void> {
  const text = `${JSON.stringify({ identity, checksum: checksumOf(identity) }, undefined, 2)}\n`;
  await replaceFile(identityPath(directory), Buffer.from(text));
}

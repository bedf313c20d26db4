// Who this server belongs to and where the others are, beside the log that says the same: for the day on which the log
// cannot be read. Never believed for anything but finding the others.
import { join } from "node:path";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import { readSealedJson, writeSealedJson } from "./sealed-json.ts";

const schema = Type.Object({
  clusterId: Type.String(),
  generation: Type.Integer({ minimum: 0 }),
  serverId: Type.String({ minLength: 1 }),
  /** Peer addresses of the other members. */
  others: Type.Array(Type.String()),
  canBeSpared: Type.Boolean(),
});
const check = Compile(schema);

export interface Contacts {
  readonly clusterId: string;
  readonly generation: number;
  readonly serverId: string;
  readonly others: readonly string[];
  /** The voters without this server are a majority of all: they can go on, and admit it anew. */
  readonly canBeSpared: boolean;
}

const contactsPath = (directory: string): string => join(directory, "contacts");
const isContacts = (value: unknown): value is Contacts => check.Check(value);

/** Undefined when there are none. Throws CORRUPT_IDENTITY. */
export function readContacts(directory: string): Promise<Contacts | undefined> {
  return readSealedJson(contactsPath(directory), isContacts);
}

/** Durable before it resolves. */
export function writeContacts(directory: string, contacts: Contacts): Promise<void> {
  return writeSealedJson(contactsPath(directory), contacts);
}

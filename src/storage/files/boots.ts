// Which start of each peer's data directory this server has seen last: beside the log, because it is about the others'
// disks, and each server judges by what it has seen itself.
import { join } from "node:path";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import { replaceFileSync } from "./atomic-file.ts";
import { readSealedJson, sealJson } from "./sealed-json.ts";

const check = Compile(
  Type.Array(
    Type.Object({
      peerId: Type.Integer({ minimum: 1 }),
      counter: Type.Integer({ minimum: 1 }),
      nonce: Type.String(),
    }),
  ),
);

export interface SeenBoot {
  readonly peerId: number;
  readonly counter: number;
  readonly nonce: string;
}

const bootsPath = (directory: string): string => join(directory, "boots");
const isBoots = (value: unknown): value is readonly SeenBoot[] => check.Check(value);

/** Empty when nothing was seen. Throws CORRUPT_IDENTITY. */
export async function readBoots(directory: string): Promise<readonly SeenBoot[]> {
  return (await readSealedJson(bootsPath(directory), isBoots)) ?? [];
}

/**
 * Durable before it returns; WRITE_FAILED otherwise. It holds up everything else for the few milliseconds of two syncs, once for
 * each start of a peer.
 */
export function writeBoots(directory: string, boots: readonly SeenBoot[]): void {
  replaceFileSync(bootsPath(directory), sealJson(boots));
}

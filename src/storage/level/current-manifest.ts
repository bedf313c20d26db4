// The manifest that is in force: CURRENT holds its name.
import { join } from "node:path";
import { readFileIfThere } from "../files/atomic-file.ts";
import { type Manifest, readManifest } from "./manifest.ts";

export interface FileDamage {
  readonly file: string;
  readonly offset: number;
  readonly reason: string;
}

/** Undefined when there is no CURRENT. */
export async function readCurrentManifest(
  directory: string,
): Promise<Manifest | FileDamage | undefined> {
  const current = await readFileIfThere(join(directory, "CURRENT"));
  if (current === undefined) return undefined;
  const file = /^(MANIFEST-\d+)\n$/.exec(current.toString("latin1"))?.[1];
  if (file === undefined) {
    return { file: "CURRENT", offset: 0, reason: "not the name of a manifest" };
  }
  const bytes = await readFileIfThere(join(directory, file));
  if (bytes === undefined) return { file, offset: 0, reason: "a file that is missing" };
  const manifest = readManifest(bytes);
  return "reason" in manifest ? { file, ...manifest } : manifest;
}

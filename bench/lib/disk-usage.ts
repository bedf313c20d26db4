import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

const blockBytes = 512;

/** What disappears while it is being counted takes no space. */
function ifThere<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return otherwise;
    throw error;
  }
}

/** Bytes that the files below `directory` take on the disk (blocks, not lengths); 0 when there is none. */
export function diskBytes(directory: string): number {
  let bytes = 0;
  for (const item of ifThere(() => readdirSync(directory, { withFileTypes: true }), [])) {
    const path = join(directory, item.name);
    if (item.isDirectory()) bytes += diskBytes(path);
    else bytes += ifThere(() => lstatSync(path).blocks, 0) * blockBytes;
  }
  return bytes;
}

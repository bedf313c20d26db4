import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** Every file and folder below `directory`: name, size, mode, times of change, digest. Reading leaves all of it alone. */
export async function treeOf(directory: string): Promise<readonly string[]> {
  const lines: string[] = [];
  const look = async (path: string, isFile: boolean): Promise<void> => {
    const { mode, size, mtimeNs, ctimeNs, ino } = await stat(path, { bigint: true });
    const content = isFile ? await readFile(path) : "";
    const digest = createHash("sha256").update(content).digest("hex");
    lines.push([path, ino, mode, size, mtimeNs, ctimeNs, digest].join(" "));
  };
  await look(directory, false);
  for (const item of await readdir(directory, { recursive: true, withFileTypes: true })) {
    await look(join(item.parentPath, item.name), item.isFile());
  }
  return lines.sort();
}

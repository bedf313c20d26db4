// Removes what runs have left that died without cleaning up: processes, namespaces, directories.
import { readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, signalAll } from "../../../bench/lib/process-tree.ts";
import { until } from "../../../bench/lib/wait.ts";
import { isLiving, ownerOf } from "../run-id.ts";
import { ip } from "./commands.ts";

/** A directory with this file in it is kept: the run failed, and somebody may want to look. */
export const keptMark = "KEPT";

function isOrphan(name: string): boolean {
  const owner = ownerOf(name);
  return owner !== undefined && !isLiving(owner);
}

/** Ends every process inside, then removes the namespace, with the network interfaces in it. */
export async function removeNamespace(name: string): Promise<void> {
  const pids = (await ip(`netns pids ${name}`)).split("\n").filter(Boolean).map(Number);
  signalAll(pids, "SIGKILL");
  await until(`processes in ${name} gone`, () => (pids.some(isAlive) ? undefined : true));
  await ip(`netns delete ${name}`);
}

async function namespaces(): Promise<readonly string[]> {
  const lines = (await ip("netns list")).split("\n");
  return lines.map((line) => line.split(" ")[0] ?? "").filter(Boolean);
}

export async function sweepNamespaces(): Promise<readonly string[]> {
  const orphans = (await namespaces()).filter(isOrphan);
  for (const name of orphans) await removeNamespace(name);
  return orphans;
}

/** After the namespaces: processes in them write here. */
export function sweepDirectories(root: string = tmpdir()): readonly string[] {
  const orphans = readdirSync(root)
    .filter(isOrphan)
    .map((name) => join(root, name))
    .filter((path) => !readdirSync(path).includes(keptMark));
  for (const path of orphans) rmSync(path, { recursive: true, force: true });
  return orphans;
}

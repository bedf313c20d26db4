// Verified files of resources, by digest: <data>/cache/<digest>/<name>. A file that is there is complete, because it
// appears by rename after its digest was checked; so looking is enough and two runs may share it.
import { access, mkdir, readdir, rm, stat, utimes } from "node:fs/promises";
import { basename, join } from "node:path";
import type { WallClock } from "../../base/clock.ts";
import { second } from "../../base/units.ts";
import type { ResourceRef } from "../../state/rows.ts";
import type { ClusterView } from "../cluster/contract.ts";
import { runnerErrors } from "../errors.ts";

export interface CacheOptions {
  readonly dataDirectory: string;
  readonly bytesMax: number;
}
export interface CacheModules {
  readonly cluster: Pick<ClusterView, "fetch">;
  readonly wallClock: WallClock;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

interface Cached {
  readonly digest: string;
  readonly usedAtMs: number;
  readonly sizeBytes: number;
}

async function measure(directory: string, digest: string): Promise<Cached> {
  const path = join(directory, digest);
  let sizeBytes = 0;
  for (const name of await readdir(path)) sizeBytes += (await stat(join(path, name))).size;
  return { digest, usedAtMs: (await stat(path)).mtimeMs, sizeBytes };
}

export class ResourceCache {
  readonly #directory: string;
  readonly #bytesMax: number;
  readonly #modules: CacheModules;
  readonly #fetching = new Map<string, Promise<string>>();

  constructor(options: CacheOptions, modules: CacheModules) {
    this.#directory = join(options.dataDirectory, "cache");
    this.#bytesMax = options.bytesMax;
    this.#modules = modules;
  }

  /** Path of the file, fetched if it is missing; simultaneous calls share one fetch. */
  async pathOf(resource: ResourceRef): Promise<string> {
    const fetching = this.#fetching.get(resource.digest);
    if (fetching !== undefined) return fetching;
    const attempt = this.#fetch(resource).finally(() => this.#fetching.delete(resource.digest));
    this.#fetching.set(resource.digest, attempt);
    return attempt;
  }

  /** Removes the least recently used files above the limit, but none whose digest is in `inUse`. */
  async prune(inUse: ReadonlySet<string>): Promise<void> {
    if (!(await exists(this.#directory))) return;
    const cached: Cached[] = [];
    for (const digest of await readdir(this.#directory))
      cached.push(await measure(this.#directory, digest));
    cached.sort((a, b) => a.usedAtMs - b.usedAtMs);
    let total = cached.reduce((sum, item) => sum + item.sizeBytes, 0);
    for (const item of cached) {
      if (total <= this.#bytesMax) return;
      if (inUse.has(item.digest) || this.#fetching.has(item.digest)) continue;
      await rm(join(this.#directory, item.digest), { recursive: true });
      total -= item.sizeBytes;
    }
  }

  async #fetch(resource: ResourceRef): Promise<string> {
    const name = basename(resource.name);
    if (!/^[0-9a-f]{64}$/.test(resource.digest) || name === "" || name === "." || name === "..") {
      throw runnerErrors.BAD_RESOURCE_NAME(`"${resource.name}" cannot be the name of a file`);
    }
    const directory = join(this.#directory, resource.digest);
    const path = join(directory, name);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    if (!(await exists(path))) await this.#modules.cluster.fetch(resource, path);
    const nowS = this.#modules.wallClock.wallMs() / second;
    await utimes(directory, nowS, nowS);
    return path;
  }
}

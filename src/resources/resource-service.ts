// The resource center of one server: uploads and downloads through any door, and this server's keeper of bytes.
import type { Clock, WallClock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { Random } from "../base/random.ts";
import type { Replica } from "../replica/contract.ts";
import type { ChunkRef, ResourceVersionRow } from "../state/rows.ts";
import { ChunkWatch, corruptChunk, isDamage, type StoredChunks } from "./chunk-watch.ts";
import type {
  CallOptions,
  Download,
  Finding,
  Inventory,
  Resources,
  UploadRequest,
  VersionSelector,
} from "./contract.ts";
import { resourceErrors } from "./errors.ts";
import { type FetchChunks, Keeper } from "./keeper.ts";
import { Scrubber } from "./scrubber.ts";
import { Shelf } from "./shelf.ts";
import { Upload } from "./upload.ts";

export interface ResourceOptions {
  /** Largest file; the state machine has a bound of its own. */
  readonly resourceBytesMax: number;
}

/** What looks after the bytes beside uploads and downloads. */
export interface CareModules {
  readonly random: Random;
  readonly wallClock: WallClock;
  /** Resolves when so many bytes may be read: the log goes first. */
  readonly take: (bytes: number) => Promise<void>;
  /** Throws when there is no room for so many bytes. */
  readonly mayStore: (bytes: number) => void;
}

export interface ResourceModules {
  readonly replica: Replica;
  /** A `ChunkWatch` that others read through too tells the keeper what they find damaged. */
  readonly chunks: StoredChunks;
  /** Without it nothing is scrubbed, and room on the disk is not asked for. */
  readonly care?: CareModules;
  readonly fetch: FetchChunks;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Named {
  readonly namespace: string;
  readonly name: string;
  readonly version: VersionSelector;
}

/** Versions that a line about lost bytes names. */
const namedVersionsMax = 10;

export class ResourceService implements Resources {
  readonly #options: ResourceOptions;
  readonly #modules: ResourceModules;
  readonly #shelf: Shelf;
  readonly #keeper: Keeper;
  readonly #watch: ChunkWatch;
  readonly #scrubber: Scrubber | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(options: ResourceOptions, modules: ResourceModules) {
    const { chunks, care, clock, logger } = modules;
    this.#options = options;
    this.#modules = modules;
    this.#watch = chunks instanceof ChunkWatch ? chunks : new ChunkWatch(chunks);
    this.#shelf = new Shelf(this.#watch);
    this.#keeper = new Keeper({ ...modules, shelf: this.#shelf });
    if (care !== undefined) {
      this.#scrubber = new Scrubber({ ...care, chunks: this.#watch, clock, logger });
    }
  }

  start(): void {
    this.#unsubscribe = this.#watch.onDamaged((digest) => {
      this.#damaged(digest);
    });
    this.#keeper.start();
    this.#scrubber?.start();
  }

  /** Nothing new begins; resolves when what was under way has ended. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await Promise.all([this.#scrubber?.stop(), this.#keeper.stop()]);
  }

  /** Chunks of committed versions that are not here (yet). */
  lackingChunks(): number {
    const { replica } = this.#modules;
    return replica.state.liveDigests().filter((digest) => !this.#watch.has(digest)).length;
  }

  inventory(): Inventory {
    const scrub = this.#scrubber?.stats() ?? { scrubbedBytes: 0, lastPassAtMs: 0 };
    const held = this.#watch.stats().chunks;
    return { held, lacking: this.lackingChunks(), ...this.#watch.counts(), ...scrub };
  }

  /** Bytes of committed versions that no server had when all were asked last. */
  findings(): readonly Finding[] {
    const lost = this.#keeper.nowhere.filter((digest) => !this.#watch.has(digest));
    if (lost.length === 0) return [];
    const { code, help } = resourceErrors.CHUNKS_MISSING("");
    const what = `${String(lost.length)} chunks are on no server that answers; they belong to ${this.#versionsWith(lost).join(", ")}`;
    return [{ severity: "error", code, what, doThis: help }];
  }

  /** Names of versions, the first few. */
  #versionsWith(digests: readonly string[]): readonly string[] {
    const wanted = new Set(digests);
    return this.#modules.replica.state
      .resources()
      .filter(({ manifest }) => manifest.chunks.some(({ digest }) => wanted.has(digest)))
      .slice(0, namedVersionsMax)
      .map(({ namespace, name, version }) => `${namespace}/${name}@${String(version)}`);
  }

  #damaged(digest: string): void {
    const versions = this.#versionsWith([digest]);
    this.#modules.logger.error(
      { code: corruptChunk, digest, versions },
      "damaged chunk is fetched again from a peer",
    );
    this.#keeper.recheck();
  }

  async upload(
    request: UploadRequest,
    bytes: AsyncIterable<Uint8Array>,
    options: CallOptions,
  ): Promise<ResourceVersionRow> {
    const { replica, clock, logger, care } = this.#modules;
    const mayStore = care?.mayStore ?? ((): void => undefined);
    const modules = { replica, clock, logger, shelf: this.#shelf, keeper: this.#keeper, mayStore };
    const { resourceBytesMax } = this.#options;
    return await new Upload(modules, request, { ...options, resourceBytesMax }).run(bytes);
  }

  async download(request: Named, options: Parameters<Resources["download"]>[1]): Promise<Download> {
    const version = await this.resolve(request, options);
    const fromByte = Math.max(0, options.fromByte ?? 0);
    const toByte = Math.min(
      version.manifest.sizeBytes,
      options.toByte ?? version.manifest.sizeBytes,
    );
    return { version, bytes: this.#read(version, fromByte, toByte) };
  }

  async resolve(request: Named, options: CallOptions): Promise<ResourceVersionRow> {
    await this.#modules.replica.barrier(options.deadlineMs);
    const row = this.#select(request);
    if (row !== undefined) return row;
    const { namespace, name, version } = request;
    throw resourceErrors.UNKNOWN_RESOURCE(`there is no ${namespace}/${name}@${version}`);
  }

  async list(options: CallOptions): Promise<readonly ResourceVersionRow[]> {
    await this.#modules.replica.barrier(options.deadlineMs);
    return this.#modules.replica.state.resources();
  }

  async delete(
    request: { readonly namespace: string; readonly name: string; readonly version: number },
    options: CallOptions,
  ): Promise<void> {
    const { actor, deadlineMs } = options;
    await this.#modules.replica.submit(
      { kind: "delete-version", ...request },
      { actor, deadlineMs },
    );
  }

  #select({ namespace, name, version }: Named): ResourceVersionRow | undefined {
    const { state } = this.#modules.replica;
    if (version === "" || version === "latest") return state.resource(namespace, name, "latest");
    if (/^[1-9][0-9]{0,8}$/.test(version)) return state.resource(namespace, name, Number(version));
    const digest = /^sha256:([0-9a-f]{64})$/.exec(version)?.[1];
    if (digest === undefined) throw resourceErrors.BAD_SELECTOR(`"${version}" is not a version`);
    return state
      .resourceVersions(namespace, name)
      .findLast(({ manifest }) => manifest.digest === digest);
  }

  async *#read(
    row: ResourceVersionRow,
    fromByte: number,
    toByte: number,
  ): AsyncGenerator<Uint8Array> {
    let start = 0;
    for (const chunk of row.manifest.chunks) {
      const end = start + chunk.sizeBytes;
      if (end > fromByte && start < toByte) {
        const bytes = await this.#bytesOf(chunk);
        yield bytes.subarray(
          Math.max(0, fromByte - start),
          Math.min(chunk.sizeBytes, toByte - start),
        );
      }
      start = end;
    }
  }

  async #bytesOf({ digest }: ChunkRef): Promise<Uint8Array> {
    const here = await this.#verified(digest);
    if (here !== undefined) return here;
    await this.#modules.fetch([digest], this.#keeper.peers([]));
    const fetched = await this.#verified(digest);
    if (fetched !== undefined) return fetched;
    const versions = this.#versionsWith([digest]).join(", ");
    throw resourceErrors.CHUNKS_MISSING(
      `no server that answers has the bytes of chunk ${digest}, which belongs to ${versions}`,
      { fields: { digest, versions } },
    );
  }

  /** A damaged chunk counts as absent (the store has taken it out of its inventory): it comes again from a peer. */
  async #verified(digest: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#shelf.get(digest);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return undefined;
    }
  }
}

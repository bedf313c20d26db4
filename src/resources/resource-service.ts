// The resource center of one server: uploads and downloads through any door, and this server's keeper of bytes.
import type { Clock } from "../base/clock.ts";
import { QuorateError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { Replica } from "../replica/contract.ts";
import type { ChunkRef, ResourceVersionRow } from "../state/rows.ts";
import type {
  CallOptions,
  Download,
  Resources,
  UploadRequest,
  VersionSelector,
} from "./contract.ts";
import { resourceErrors } from "./errors.ts";
import { type FetchChunks, Keeper } from "./keeper.ts";
import { type Chunks, Shelf } from "./shelf.ts";
import { Upload } from "./upload.ts";

export interface ResourceOptions {
  /** Largest file; the state machine has a bound of its own. */
  readonly resourceBytesMax: number;
}

export interface ResourceModules {
  readonly replica: Replica;
  readonly chunks: Chunks;
  readonly fetch: FetchChunks;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Named {
  readonly namespace: string;
  readonly name: string;
  readonly version: VersionSelector;
}

const corruptChunk = "QUORATE_STORAGE_CORRUPT_CHUNK";

export class ResourceService implements Resources {
  readonly #options: ResourceOptions;
  readonly #modules: ResourceModules;
  readonly #shelf: Shelf;
  readonly #keeper: Keeper;

  constructor(options: ResourceOptions, modules: ResourceModules) {
    this.#options = options;
    this.#modules = modules;
    this.#shelf = new Shelf(modules.chunks);
    this.#keeper = new Keeper({ ...modules, shelf: this.#shelf });
  }

  start(): void {
    this.#keeper.start();
  }

  /** Nothing new begins; resolves when what was under way has ended. */
  stop(): Promise<void> {
    return this.#keeper.stop();
  }

  /** Chunks of committed versions that are not here (yet). */
  lackingChunks(): number {
    const { replica, chunks } = this.#modules;
    return replica.state.liveDigests().filter((digest) => !chunks.has(digest)).length;
  }

  async upload(
    request: UploadRequest,
    bytes: AsyncIterable<Uint8Array>,
    options: CallOptions,
  ): Promise<ResourceVersionRow> {
    const { replica, clock, logger } = this.#modules;
    const modules = { replica, clock, logger, shelf: this.#shelf, keeper: this.#keeper };
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
    const fetched = await this.#shelf.get(digest);
    if (fetched !== undefined) return fetched;
    throw resourceErrors.CHUNKS_MISSING(`no server has the bytes of chunk ${digest}`, {
      fields: { digest },
    });
  }

  /** A damaged chunk counts as absent (the store has taken it out of its inventory): it comes again from a peer. */
  async #verified(digest: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#shelf.get(digest);
    } catch (error) {
      if (!(error instanceof QuorateError) || error.code !== corruptChunk) throw error;
      this.#modules.logger.error({ digest }, "damaged chunk is fetched again from a peer");
      this.#keeper.recheck();
      return undefined;
    }
  }
}

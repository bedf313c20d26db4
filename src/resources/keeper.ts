// Every server's own part in the resource center, leader or not: fetch what the tables say should be here, say so
// with a receipt, and collect what nobody needs. Level-triggered: each pass looks at the tables afresh.
import type { Cancel, Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { PeerId } from "../base/numbers.ts";
import type { Replica } from "../replica/contract.ts";
import type { UploadRow } from "../state/rows.ts";
import { collectAfterMs, fetchRetryMs, fetchRetryMsMax, liveSliceChunksMax } from "./limits.ts";
import type { Shelf } from "./shelf.ts";

/** Pulls digests from peers, tried in order; resolves with those that none of them has. */
export type FetchChunks = (
  digests: readonly string[],
  peers: readonly PeerId[],
) => Promise<readonly string[]>;

export interface KeeperModules {
  readonly replica: Replica;
  readonly shelf: Shelf;
  readonly fetch: FetchChunks;
  readonly clock: Clock;
  readonly logger: Logger;
}

const receiptDeadlineMs = 5000;
/** How long a collection waits to know what is committed. */
const collectBarrierMs = 2000;

export class Keeper {
  readonly #modules: KeeperModules;
  readonly #own = new Set<string>();
  #running = false;
  #again = false;
  /** What is under way; undefined = nothing. */
  #working: Promise<void> | undefined;
  #collecting: Promise<void> = Promise.resolve();
  /** The list of all live chunks is long, so it is gone through only when it has changed or something was missing. */
  #liveToCheck = true;
  /** What is lacking of them and was not asked for yet; fetched in slices. */
  #wanted: readonly string[] = [];
  /** What nobody had in the last round, and in the one under way. */
  #nowhere: readonly string[] = [];
  #missed: string[] = [];
  /** A chunk of an upload that has this server's receipt may be lacking again. */
  #pinnedToCheck = false;
  #retryMs = fetchRetryMs;
  #unsubscribe: () => void = () => undefined;
  #cancelRetry: Cancel = () => undefined;
  #cancelCollect: Cancel | undefined;

  constructor(modules: KeeperModules) {
    this.#modules = modules;
  }

  start(): void {
    const { watch } = this.#modules.replica;
    this.#running = true;
    const stops = [
      watch.subscribe(["resources"], () => {
        this.#liveToCheck = true;
        this.#retryMs = fetchRetryMs;
        this.wake();
      }),
      watch.subscribe(["uploads"], () => {
        this.#retryMs = fetchRetryMs;
        this.wake();
      }),
    ];
    this.#unsubscribe = () => {
      for (const stop of stops) stop();
    };
    this.wake();
  }

  /** Idempotent; resolves when what was under way has ended. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#unsubscribe();
    this.#cancelRetry();
    this.#cancelCollect?.();
    this.#cancelCollect = undefined;
    await this.#working;
    await this.#collecting;
  }

  /** The bytes of this upload arrive at this server itself: nothing of it is fetched from others. */
  own(uploadId: string): void {
    this.#own.add(uploadId);
  }

  disown(uploadId: string): void {
    this.#own.delete(uploadId);
    this.wake();
  }

  /** Something that was here is not any more: all that should be here is gone through again. */
  recheck(): void {
    this.#liveToCheck = true;
    this.#pinnedToCheck = true;
    this.#retryMs = fetchRetryMs;
    this.wake();
  }

  /** Chunks of committed versions that no server had when all of them were asked last. */
  get nowhere(): readonly string[] {
    return this.#nowhere;
  }

  /** Looks again soon; many calls in a turn make one pass. */
  wake(): void {
    if (!this.#running) return;
    this.#again = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      this.#collectLater();
      // Somebody may have asked between the last look and this.
      if (this.#again) this.wake();
    });
  }

  async #work(): Promise<void> {
    try {
      while (this.#again && this.#running) {
        this.#again = false;
        const complete = await this.#pass();
        if (complete) this.#retryMs = fetchRetryMs;
        else this.#retryLater();
      }
    } catch (error) {
      this.#modules.logger.warn({ error: messageOf(error) }, "resources are fetched again later");
      this.#again = false;
      this.#retryLater();
    }
  }

  #retryLater(): void {
    this.#cancelRetry();
    if (!this.#running) return;
    this.#cancelRetry = this.#modules.clock.after(this.#retryMs, () => {
      this.wake();
    });
    this.#retryMs = Math.min(fetchRetryMsMax, this.#retryMs * 2);
  }

  // Not put off by further changes: steady uploads must not keep garbage for ever.
  #collectLater(): void {
    if (!this.#running || this.#cancelCollect !== undefined) return;
    this.#cancelCollect = this.#modules.clock.after(collectAfterMs, () => {
      this.#cancelCollect = undefined;
      this.#collecting = this.#collect();
    });
  }

  /**
   * After a restart this server may have applied less than before, and may have given a receipt for bytes whose
   * reservation it does not see yet. So first it learns what is committed; without a leader nothing is collected.
   */
  async #collect(): Promise<void> {
    const { shelf, replica, logger } = this.#modules;
    try {
      await replica.barrier(collectBarrierMs);
    } catch (error) {
      logger.debug({ error: messageOf(error) }, "chunks are collected later");
      this.#collectLater();
      return;
    }
    try {
      const removed = await shelf.collect((digest) => replica.state.isNeeded(digest));
      if (removed > 0) logger.info({ chunks: removed }, "unneeded chunks collected");
    } catch (error) {
      logger.error({ error: messageOf(error) }, "chunks could not be collected");
    }
  }

  /** True when nothing is missing any more. */
  async #pass(): Promise<boolean> {
    const { state } = this.#modules.replica;
    const pinnedToCheck = this.#pinnedToCheck;
    this.#pinnedToCheck = false;
    let complete = true;
    try {
      for (const upload of state.uploads()) {
        if (!(await this.#receive(upload, pinnedToCheck))) complete = false;
      }
    } catch (error) {
      complete = false;
      throw error;
    } finally {
      if (pinnedToCheck && !complete) this.#pinnedToCheck = true;
    }
    return (await this.#obtainLive()) && complete;
  }

  /** One slice of what is lacking; asks for another pass when there is more. */
  async #obtainLive(): Promise<boolean> {
    const { shelf, replica } = this.#modules;
    try {
      if (this.#liveToCheck) {
        this.#liveToCheck = false;
        this.#missed = [];
        this.#wanted = await shelf.lacking(replica.state.liveDigests());
      }
      const asked = this.#wanted.slice(0, liveSliceChunksMax);
      this.#wanted = this.#wanted.slice(asked.length);
      this.#missed.push(...(await this.#obtain(asked, [])));
    } catch (error) {
      this.#liveToCheck = true;
      throw error;
    }
    if (this.#wanted.length > 0) {
      this.#again = true;
      return true;
    }
    this.#nowhere = this.#missed;
    if (this.#missed.length > 0) this.#liveToCheck = true;
    return this.#missed.length === 0;
  }

  async #receive(upload: UploadRow, pinnedToCheck: boolean): Promise<boolean> {
    const { replica, shelf } = this.#modules;
    const self = replica.status().peerId;
    const digests = upload.chunks.map(({ digest }) => digest);
    if (upload.receipts.includes(self)) {
      // A receipt is a promise: what was lost since is fetched like everything else.
      return !pinnedToCheck || (await this.#obtain(digests, upload.receipts)).length === 0;
    }
    if (this.#own.has(upload.uploadId)) {
      // Not complete before the last window is stored; the uploader wakes the keeper after each.
      if ((await shelf.lacking(digests)).length > 0) return true;
    } else if ((await this.#obtain(digests, upload.receipts)).length > 0) {
      return false;
    }
    await replica.submit(
      {
        kind: "add-receipt",
        uploadId: upload.uploadId,
        peerId: self,
        chunkCount: upload.chunks.length,
      },
      { actor: `server:${String(self)}`, deadlineMs: receiptDeadlineMs },
    );
    return true;
  }

  /** Resolves with those that nobody has. */
  async #obtain(
    digests: readonly string[],
    holders: readonly PeerId[],
  ): Promise<readonly string[]> {
    const lacking = await this.#modules.shelf.lacking(digests);
    if (lacking.length === 0) return [];
    return await this.#modules.fetch(lacking, this.peers(holders));
  }

  /** Other servers, those that are known to hold the bytes first, then the leader. */
  peers(holders: readonly PeerId[]): readonly PeerId[] {
    const { state } = this.#modules.replica;
    const { peerId: self, leader } = this.#modules.replica.status();
    const all = state
      .servers()
      .filter(({ role }) => role !== "removed")
      .map(({ peerId }) => peerId);
    return [...new Set([...holders, leader, ...all])].filter(
      (peer) => peer !== self && all.includes(peer),
    );
  }
}

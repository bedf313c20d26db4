// Every server's own part in the resource center, leader or not: fetch what the tables say should be here, say so
// with a receipt, and collect what nobody needs. Level-triggered: each pass looks at the tables afresh.
import type { Cancel, Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { PeerId } from "../base/numbers.ts";
import type { Replica } from "../replica/contract.ts";
import type { UploadRow } from "../state/rows.ts";
import { collectAfterMs, fetchRetryMs } from "./limits.ts";
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
        this.wake();
      }),
      watch.subscribe(["uploads"], () => {
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

  /** Something that was here is not any more: the list of all live chunks is gone through again. */
  recheck(): void {
    this.#liveToCheck = true;
    this.wake();
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
        if (!complete) this.#retryLater();
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
    this.#cancelRetry = this.#modules.clock.after(fetchRetryMs, () => {
      this.wake();
    });
  }

  // Not put off by further changes: steady uploads must not keep garbage for ever.
  #collectLater(): void {
    if (!this.#running || this.#cancelCollect !== undefined) return;
    this.#cancelCollect = this.#modules.clock.after(collectAfterMs, () => {
      this.#cancelCollect = undefined;
      this.#collecting = this.#collect();
    });
  }

  async #collect(): Promise<void> {
    const { shelf, replica, logger } = this.#modules;
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
    let complete = true;
    for (const upload of state.uploads()) {
      if (!(await this.#receive(upload))) complete = false;
    }
    return (await this.#obtainLive()) && complete;
  }

  async #obtainLive(): Promise<boolean> {
    if (!this.#liveToCheck) return true;
    this.#liveToCheck = false;
    try {
      const complete = await this.#obtain(this.#modules.replica.state.liveDigests(), []);
      if (!complete) this.#liveToCheck = true;
      return complete;
    } catch (error) {
      this.#liveToCheck = true;
      throw error;
    }
  }

  async #receive(upload: UploadRow): Promise<boolean> {
    const { replica, shelf } = this.#modules;
    const self = replica.status().peerId;
    if (upload.receipts.includes(self)) return true;
    const digests = upload.chunks.map(({ digest }) => digest);
    if (this.#own.has(upload.uploadId)) {
      // Not complete before the last window is stored; the uploader wakes the keeper after each.
      if ((await shelf.lacking(digests)).length > 0) return true;
    } else if (!(await this.#obtain(digests, upload.receipts))) {
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

  async #obtain(digests: readonly string[], holders: readonly PeerId[]): Promise<boolean> {
    const lacking = await this.#modules.shelf.lacking(digests);
    if (lacking.length === 0) return true;
    return (await this.#modules.fetch(lacking, this.peers(holders))).length === 0;
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

// Jar bytes and the log share a disk, and the log comes first: a command waits for one small synced write, and behind
// megabytes of others' bytes it waits long. So bulk writes go through one token bucket for each server. It looks at how long
// the log's writes take now: when they suffer, the rate is halved and the pieces become small; when they do not, or when
// nothing is written to the log, the rate rises again (additive increase would be too slow after a burst: it rises by a
// share, as it falls; the idea is that of TCP's congestion control, Jacobson, SIGCOMM 1988).
import type { Cancel, Clock } from "../base/clock.ts";
import { KiB, MiB } from "../base/units.ts";
import type { Chunk, ChunkStore, LogStore } from "./contract.ts";

/** Bytes per second that bulk writes always get. */
const bulkBytesPerSecondMin: number = 16 * MiB;
/** Above what one store can take: no bound as long as the log does not suffer. */
const bulkBytesPerSecondMax: number = 1024 * MiB;
/** What may be written at once after a pause. */
const bulkBurstBytes: number = 4 * MiB;
/** One synced write of chunks, while the log does not suffer. */
const bulkPieceBytesMax: number = 2 * MiB;
/** The same while it does: about one chunk. */
const bulkPieceBytesMin: number = 256 * KiB;
/** A log write beside bulk writes may take so many times what it takes alone. */
const logSlowdownMax = 2;
/** Shorter log writes are never called slow: a scheduler's whim takes as long. */
const logSlowMs = 2;
/** The longest that a piece waits for a log write under way. */
const logYieldMsMax = 50;
/** So long after a bulk write the disk may still be busy with it. */
const bulkEchoMs = 20;
/** Share of a new time in the smoothed one. */
const logAloneShare = 1 / 16;
/** The same for times measured beside the slowest bulk writes: if the log stays slow, that is how this disk is now. */
const logBesideShare = 1 / 256;
/** By how much the rate rises with each piece. */
const bulkRise = 1 / 16;

export interface BulkPaceOptions {
  /** False: bulk writes wait for nothing (to measure the difference). */
  readonly isPaced: boolean;
}

export interface BulkPaceStats {
  readonly bytesPerSecond: number;
  /** What a log write takes while no bulk write is under way; smoothed. */
  readonly logAloneMs: number;
  /** How often the rate was halved. */
  readonly yields: number;
}

export class BulkPace {
  readonly #options: BulkPaceOptions;
  readonly #clock: Clock;
  #bytesPerSecond = bulkBytesPerSecondMax;
  #tokens = bulkBurstBytes;
  #refilledAtMs: number | undefined;
  #bulkWrites = 0;
  #bulkEndedAtMs = -bulkEchoMs;
  #logWrites = 0;
  /** A bulk write was under way at some time during the log write under way. */
  #isContended = false;
  #logAloneMs = 0;
  #yields = 0;
  #wakeUps = new Set<() => void>();
  #queue: Promise<void> = Promise.resolve();

  constructor(options: BulkPaceOptions, modules: { readonly clock: Clock }) {
    this.#options = options;
    this.#clock = modules.clock;
  }

  stats(): BulkPaceStats {
    return {
      bytesPerSecond: this.#bytesPerSecond,
      logAloneMs: this.#logAloneMs,
      yields: this.#yields,
    };
  }

  /** How much one bulk write should hold now. */
  get pieceBytes(): number {
    if (!this.#options.isPaced || this.#bytesPerSecond === bulkBytesPerSecondMax) {
      return bulkPieceBytesMax;
    }
    return bulkPieceBytesMin;
  }

  /** Runs a synced write of the log and looks how long it takes. */
  async log<T>(write: () => Promise<T>): Promise<T> {
    const fromMs = this.#clock.nowMs();
    this.#logWrites += 1;
    this.#isContended ||= this.#bulkWrites > 0 || fromMs - this.#bulkEndedAtMs < bulkEchoMs;
    try {
      return await write();
    } finally {
      this.#logWrites -= 1;
      this.#judge(this.#clock.nowMs() - fromMs);
      if (this.#logWrites === 0) {
        this.#isContended = false;
        for (const wake of [...this.#wakeUps]) wake();
      }
    }
  }

  /** Runs a bulk write of so many bytes when it is its turn. */
  async bulk<T>(bytes: number, write: () => Promise<T>): Promise<T> {
    await this.take(bytes);
    this.#bulkWrites += 1;
    this.#isContended ||= this.#logWrites > 0;
    try {
      return await write();
    } finally {
      this.#bulkWrites -= 1;
      this.#bulkEndedAtMs = this.#clock.nowMs();
    }
  }

  /** Resolves when so many bytes may be moved; in the order of the calls. */
  take(bytes: number): Promise<void> {
    if (!this.#options.isPaced) return Promise.resolve();
    const mine = this.#queue.then(() => this.#turn(bytes));
    this.#queue = mine;
    return mine;
  }

  async #turn(bytes: number): Promise<void> {
    if (this.#logWrites > 0) await this.#pause(logYieldMsMax);
    this.#refill();
    // The bucket may be overdrawn by one write; the next one waits for that.
    while (this.#tokens <= 0) {
      const waitMs = (-this.#tokens * 1000) / this.#bytesPerSecond;
      await new Promise<void>((resolve) => {
        this.#clock.after(Math.max(1, waitMs), resolve);
      });
      this.#refill();
    }
    this.#tokens -= bytes;
    this.#bytesPerSecond = Math.min(bulkBytesPerSecondMax, this.#bytesPerSecond * (1 + bulkRise));
  }

  #refill(): void {
    const nowMs = this.#clock.nowMs();
    const elapsedMs = nowMs - (this.#refilledAtMs ?? nowMs);
    this.#refilledAtMs = nowMs;
    const tokens = this.#tokens + (elapsedMs * this.#bytesPerSecond) / 1000;
    this.#tokens = Math.min(bulkBurstBytes, tokens);
  }

  /** Until the log writes nothing, or for `ms` at most. */
  async #pause(ms: number): Promise<void> {
    let cancel: Cancel = () => undefined;
    let wake: () => void = () => undefined;
    await new Promise<void>((resolve) => {
      wake = resolve;
      this.#wakeUps.add(wake);
      cancel = this.#clock.after(ms, resolve);
    });
    this.#wakeUps.delete(wake);
    cancel();
  }

  #judge(tookMs: number): void {
    if (!this.#isContended) {
      this.#learn(tookMs, this.#logAloneMs === 0 ? 1 : logAloneShare);
      return;
    }
    if (tookMs <= Math.max(logSlowMs, this.#logAloneMs * logSlowdownMax)) return;
    if (this.#bytesPerSecond === bulkBytesPerSecondMin) this.#learn(tookMs, logBesideShare);
    this.#bytesPerSecond = Math.max(bulkBytesPerSecondMin, this.#bytesPerSecond / 2);
    this.#yields += 1;
  }

  #learn(tookMs: number, share: number): void {
    this.#logAloneMs += (tookMs - this.#logAloneMs) * share;
  }
}

/** `log`, with its writes timed by `pace`. */
export function timedLog(log: LogStore, pace: BulkPace): LogStore {
  return {
    get view() {
      return log.view;
    },
    append: (batch) => pace.log(() => log.append(batch)),
    compact: (snapshot, keepFrom) => log.compact(snapshot, keepFrom),
    stats: () => log.stats(),
    close: () => log.close(),
  };
}

/** Whether there is room; see the server's disk guard. */
export interface RoomForBytes {
  /** Throws when there is not. */
  mayStore(bytes: number): void;
  /** So many bytes are being written. */
  stores(bytes: number): void;
}

const sizeOf = (chunks: readonly Chunk[]): number =>
  chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);

/** The first of `chunks`, as many as fit into `bytesMax`, and at least one. */
function firstPiece(chunks: readonly Chunk[], bytesMax: number): readonly Chunk[] {
  let bytes = 0;
  const end = chunks.findIndex((chunk, at) => {
    bytes += chunk.bytes.length;
    return at > 0 && bytes > bytesMax;
  });
  return end < 0 ? chunks : chunks.slice(0, end);
}

/**
 * `chunks`, written at the pace of `pace` and only while `room` allows. A put is several synced writes then: when it fails, the
 * first of its chunks may be stored. What is there already is not written, nor looked at, again.
 */
export function pacedChunks(
  chunks: ChunkStore,
  { pace, room }: { readonly pace: BulkPace; readonly room: RoomForBytes },
): ChunkStore {
  const put = async (batch: readonly Chunk[]): Promise<void> => {
    let rest = batch.filter(({ digest }) => !chunks.has(digest));
    room.mayStore(sizeOf(rest));
    while (rest.length > 0) {
      const piece = firstPiece(rest, pace.pieceBytes);
      rest = rest.slice(piece.length);
      const bytes = sizeOf(piece);
      room.stores(bytes);
      await pace.bulk(bytes, () => chunks.put(piece));
    }
  };
  return {
    put,
    get: (digest) => chunks.get(digest),
    has: (digest) => chunks.has(digest),
    remove: (digests) => chunks.remove(digests),
    digests: () => chunks.digests(),
    stats: () => chunks.stats(),
    close: () => chunks.close(),
  };
}

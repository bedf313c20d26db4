// Keeps the end of the disk for the log. A full disk stops a server (the first failed write is final), so jar bytes are
// refused while there is still room for commands, and somebody is told before that.
//
// Each threshold is a share of the disk, because a small disk fills up faster, with an upper bound, because a large one is not
// full when a tenth of it is left, and a lower bound, because the log's own files need so much.
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { GiB, MiB } from "../base/units.ts";
import type { Finding } from "../resources/contract.ts";
import { DiskSpace, type Space } from "../storage/disk-space.ts";
import { storageErrors } from "../storage/errors.ts";

const diskWarnPercent = 10;
const diskWarnBytesMin: number = 64 * MiB;
const diskWarnBytesMax: number = 5 * GiB;
const diskRefusePercent = 5;
const diskRefuseBytesMin: number = 32 * MiB;
const diskRefuseBytesMax: number = 1 * GiB;
/** A threshold is left behind only when so much more than it is free again. */
const diskEasePercent = 25;

const diskNearlyFull = "QUORATE_STORAGE_DISK_NEARLY_FULL";

interface Bounds {
  readonly percent: number;
  readonly bytesMin: number;
  readonly bytesMax: number;
}
const warnBounds: Bounds = {
  percent: diskWarnPercent,
  bytesMin: diskWarnBytesMin,
  bytesMax: diskWarnBytesMax,
};
const refuseBounds: Bounds = {
  percent: diskRefusePercent,
  bytesMin: diskRefuseBytesMin,
  bytesMax: diskRefuseBytesMax,
};

function thresholdOf(totalBytes: number, { percent, bytesMin, bytesMax }: Bounds): number {
  const share = Math.floor((totalBytes * percent) / 100);
  return Math.max(bytesMin, Math.min(bytesMax, share));
}

/** Below a threshold; and still, while hardly more than it is free again. */
class Shortage {
  readonly #bounds: Bounds;
  #isShort = false;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  get isShort(): boolean {
    return this.#isShort;
  }

  /** True when it begins or ends with this. */
  noted({ totalBytes, freeBytes }: Space): boolean {
    const before = this.#isShort;
    const threshold = thresholdOf(totalBytes, this.#bounds);
    const eased = Math.floor((threshold * (100 + diskEasePercent)) / 100);
    this.#isShort = freeBytes < (before ? eased : threshold);
    return this.#isShort !== before;
  }
}

export interface DiskGuardModules {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default: the file system is asked. */
  readonly look?: (directory: string) => Promise<Space>;
}

export class DiskGuard {
  readonly #directory: string;
  readonly #logger: Logger;
  readonly #disk: DiskSpace;
  readonly #low = new Shortage(warnBounds);
  readonly #full = new Shortage(refuseBounds);

  constructor(options: { readonly directory: string }, modules: DiskGuardModules) {
    this.#directory = options.directory;
    this.#logger = modules.logger;
    const onLook = (space: Space): void => {
      this.#judge(space);
    };
    this.#disk = new DiskSpace({ directory: options.directory, onLook }, modules);
  }

  /** Resolves after the first look at the disk. */
  start(): Promise<void> {
    return this.#disk.start();
  }

  stop(): Promise<void> {
    return this.#disk.stop();
  }

  /** Throws DISK_NEARLY_FULL when so many bytes would not leave enough for the log. Before the first look everything is allowed. */
  mayStore(bytes: number): void {
    const { space } = this.#disk;
    if (space === undefined) return;
    const { totalBytes, freeBytes } = space;
    const keptBytes = thresholdOf(totalBytes, refuseBounds);
    if (!this.#full.isShort && freeBytes - bytes >= keptBytes) return;
    const directory = this.#directory;
    throw storageErrors.DISK_NEARLY_FULL(
      `${String(bytes)} more bytes are refused: ${String(freeBytes)} of ${String(totalBytes)} bytes are free where ${directory} is, ${String(keptBytes)} are kept for the log`,
      { fields: { directory, neededBytes: bytes, freeBytes, totalBytes, keptBytes } },
    );
  }

  /** So many bytes are being written now; `mayStore` counts them from here on. */
  stores(bytes: number): void {
    this.#disk.promise(bytes);
  }

  /** Undefined before the first look. */
  get space(): Space | undefined {
    return this.#disk.space;
  }

  findings(): readonly Finding[] {
    const { space } = this.#disk;
    if (space === undefined || !(this.#low.isShort || this.#full.isShort)) return [];
    const { code, help } = storageErrors.DISK_NEARLY_FULL("");
    const room = `${String(space.freeBytes)} of ${String(space.totalBytes)} bytes are free where ${this.#directory} is`;
    if (!this.#full.isShort) {
      return [
        { severity: "warning", code, what: `${room}: uploads will be refused soon`, doThis: help },
      ];
    }
    return [{ severity: "error", code, what: `${room}: uploads are refused`, doThis: help }];
  }

  #judge(space: Space): void {
    const directory = this.#directory;
    if (this.#low.noted(space)) {
      if (this.#low.isShort) this.#logger.warn({ directory, ...space }, "the disk is nearly full");
      else this.#logger.info({ directory, ...space }, "the disk has room again");
    }
    if (!this.#full.noted(space)) return;
    const code = diskNearlyFull;
    if (this.#full.isShort)
      this.#logger.error({ code, directory, ...space }, "uploads are refused");
    else this.#logger.info({ directory, ...space }, "uploads are taken again");
  }
}

// The disk of one simulated machine: how long a synced write takes, and what goes wrong with it. What a crash does
// to writes under way is decided by the memory stores; here the writes are scheduled.
import type { Random } from "../../src/base/random.ts";
import type { WriteOutcome, WriteSchedule } from "../../src/storage/memory/device.ts";
import { betweenFine } from "./random.ts";
import type { Owner, Schedule } from "./schedule.ts";
import type { RunTrace } from "./trace.ts";

export interface DiskSpeed {
  readonly latencyMinMs: number;
  readonly latencyMaxMs: number;
}

export interface SimDiskModules {
  readonly schedule: Schedule;
  readonly random: Random;
  readonly trace: RunTrace;
  /** The process that writes now; undefined = the machine is being set up. */
  readonly owner: () => Owner | undefined;
}

interface HeldWrite {
  readonly bytes: number;
  readonly owner: Owner | undefined;
  readonly finish: (outcome: WriteOutcome) => void;
}

export class SimDisk {
  speed: DiskSpeed;
  readonly #name: string;
  readonly #modules: SimDiskModules;
  readonly #stalled: HeldWrite[] = [];
  #isStalled = false;
  #failsNext = false;
  #isFull = false;
  #writes = 0;

  constructor(
    options: { readonly name: string; readonly speed: DiskSpeed },
    modules: SimDiskModules,
  ) {
    this.#name = options.name;
    this.speed = options.speed;
    this.#modules = modules;
  }

  get writes(): number {
    return this.#writes;
  }

  readonly write: WriteSchedule = (bytes, finish) => {
    this.#writes += 1;
    const held = { bytes, owner: this.#modules.owner(), finish };
    if (this.#isStalled) this.#stalled.push(held);
    else this.#begin(held);
  };

  /** Writes hang from now on. */
  stall(): void {
    this.#isStalled = true;
  }

  /** What hung goes on. */
  resume(): void {
    this.#isStalled = false;
    for (const held of this.#stalled.splice(0)) this.#begin(held);
  }

  /** The next write ends with an error; what is on the disk stays as it was. */
  failNext(): void {
    this.#failsNext = true;
  }

  /** Every write ends with an error from now on, also those of later processes. */
  fill(): void {
    this.#isFull = true;
  }

  makeRoom(): void {
    this.#isFull = false;
  }

  /** All that was done to it is over. */
  heal(): void {
    this.makeRoom();
    this.resume();
  }

  /** A new process: nothing hangs; a disk that is full still is. */
  renew(): void {
    this.#isStalled = false;
    this.#failsNext = false;
    this.#stalled.length = 0;
  }

  #begin({ bytes, owner, finish }: HeldWrite): void {
    const { schedule, random, trace } = this.#modules;
    const { latencyMinMs, latencyMaxMs } = this.speed;
    const outcome: WriteOutcome = this.#failsNext || this.#isFull ? "failed" : "synced";
    this.#failsNext = false;
    schedule.after(betweenFine(random, latencyMinMs, latencyMaxMs), owner, () => {
      trace.add(schedule.nowMs, this.#name, { kind: "disk", what: outcome, bytes });
      finish(outcome);
    });
  }
}

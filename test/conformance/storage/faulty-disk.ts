// A disk for the stores in memory that does what it is told: it syncs, holds writes back, or fails.
import {
  MemoryDevice,
  type WriteOutcome,
  type WriteSchedule,
} from "../../../src/storage/memory/device.ts";
import type { Ending } from "../../sim/storage/sim-log.ts";
import type { Harness } from "./harness.ts";

type Finish = (outcome: WriteOutcome) => void;

export class FaultyDisk {
  device: MemoryDevice;
  /** So many more writes are synced; the rest is held back, or fails. */
  #left = Number.POSITIVE_INFINITY;
  #then: "held" | "failed" = "held";
  #held: Finish[] = [];
  #writes = 0;

  constructor() {
    this.device = new MemoryDevice({ schedule: this.schedule });
  }

  readonly schedule: WriteSchedule = (_bytes, finish) => {
    this.#writes += 1;
    this.#left -= 1;
    if (this.#left >= 0) finish("synced");
    else if (this.#then === "failed") finish("failed");
    else this.#held.push(finish);
  };

  /** Writes that have begun. */
  get writes(): number {
    return this.#writes;
  }

  /** After `count` more writes each one is held back, or fails. */
  after(count: number, what: "held" | "failed"): void {
    this.#left = count;
    this.#then = what;
  }

  /** Held writes are synced, in order, and all later ones at once. */
  release(): void {
    this.#left = Number.POSITIVE_INFINITY;
    for (const finish of this.#held.splice(0)) finish("synced");
  }

  /** A new process: its writes work. */
  renew(): MemoryDevice {
    this.#left = Number.POSITIVE_INFINITY;
    this.#held = [];
    this.device = new MemoryDevice({ schedule: this.schedule });
    return this.device;
  }
}

/** One bit of what is on the disk. */
export interface Place {
  readonly name: string;
  /** What must become of it; undefined = another copy is used, and nobody is troubled. */
  readonly code: string | undefined;
  readonly flip: (share: number) => void;
}

/** A store on a disk with faults. */
export interface FaultyHarness<Store> extends Harness<Store> {
  readonly disk: FaultyDisk;
  /** Power is lost with writes under way; opens what is there then. */
  loseKeepOrTear(ending: Ending): Promise<Store>;
  /** What can be torn in the middle, beside lost and kept. */
  readonly canTear: boolean;
  /** What can be damaged at present; empty when the store keeps nothing that could be. */
  places(): readonly Place[];
}

/** Lets everything run that can. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => {
      setImmediate(resolve);
    });
  });
}

/** Whether `work` has resolved; a rejection is somebody else's business. */
export function noteWhen(work: Promise<unknown>): { readonly isDone: boolean } {
  const state = { isDone: false };
  work.then(
    () => {
      state.isDone = true;
    },
    () => undefined,
  );
  return state;
}

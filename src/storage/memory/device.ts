// A disk in memory for the simulator and for tests: a write reaches the content only when the device says
// that it is synced, and a crash loses what is not.

export type WriteOutcome = "synced" | "failed";

/** Told of each write; calls `finish` once, now or later. */
export type WriteSchedule = (bytes: number, finish: (outcome: WriteOutcome) => void) => void;

/** What becomes of writes under way in a crash: both can happen to a real disk. */
export type CrashOutcome = "lost" | "kept";

const immediately: WriteSchedule = (_bytes, finish) => {
  finish("synced");
};

export class MemoryDevice {
  readonly #schedule: WriteSchedule;
  #pending = new Set<() => void>();
  #isCrashed = false;

  constructor(options: { readonly schedule?: WriteSchedule }) {
    this.#schedule = options.schedule ?? immediately;
  }

  /** Runs `apply` when the write is synced, then resolves. After a crash it never settles. */
  write(bytes: number, apply: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isCrashed) return;
      this.#pending.add(apply);
      this.#schedule(bytes, (outcome) => {
        if (!this.#pending.delete(apply)) return;
        if (outcome === "failed") {
          reject(new Error("the memory device was told to fail"));
          return;
        }
        apply();
        resolve();
      });
    });
  }

  /** Writes under way are lost, or reach the content without anybody hearing of it; later ones are ignored. */
  crash(outcome: CrashOutcome): void {
    this.#isCrashed = true;
    const pending = this.#pending;
    this.#pending = new Set();
    if (outcome === "kept") for (const apply of pending) apply();
  }
}

/** Bytes that one search may keep. An estimate for strings, exact for the tables. */
export class MemoryBudget {
  readonly #bytesMax: number;
  #usedBytes = 0;
  #peakBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }

  get leftBytes(): number {
    return this.#bytesMax - this.#usedBytes;
  }

  /** False, and nothing taken, if there is not that much left. */
  take(bytes: number): boolean {
    if (bytes > this.leftBytes) return false;
    this.#usedBytes += bytes;
    this.#peakBytes = Math.max(this.#peakBytes, this.#usedBytes);
    return true;
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}

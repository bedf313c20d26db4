// A log that was written by the shipped code, with what was acknowledged after each append; and copies of it, damaged and
// opened as a server opens it.
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../../src/base/logger.ts";
import { index, noPeer, noTerm, peerId, term } from "../../../src/base/numbers.ts";
import type { HardState } from "../../../src/raft/types.ts";
import { openLog } from "../../../src/storage/level/open-log.ts";
import { entryAt, type Opened } from "./opened-log.ts";
import { Opener } from "./opener.ts";

export interface Told {
  readonly last: number;
  readonly hardState: HardState;
  /** Size of the newest write-ahead log when the append was acknowledged. */
  readonly fileBytes: number;
}

/** Thousands of copies are opened, and each open syncs: in memory, where there is a file system for that. */
const scratch = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export class WrittenLog {
  readonly directory: string = mkdtempSync(join(scratch, "quorate-written-log-"));
  readonly origin: string = join(this.directory, "origin");
  /** What was acknowledged, in order; the first is the empty log. */
  readonly told: Told[] = [];
  readonly #opener = new Opener();
  #next = 1;

  /** One life: opened, so many batches of none to three entries, closed. Each life's rest goes to a table in the next. */
  async live(batches: number): Promise<void> {
    const isNew = this.told.length === 0;
    const log = await openLog({ directory: this.origin, isNew }, { logger: silentLogger });
    const note = (hardState: HardState): number =>
      this.told.push({ last: this.#next - 1, hardState, fileBytes: statSync(this.wal).size });
    if (isNew) note({ term: noTerm, vote: noPeer, commit: index(0) });
    for (let batch = 0; batch < batches; batch += 1) {
      const entries = Array.from({ length: batch % 4 }, () => {
        this.#next += 1;
        return entryAt(this.#next - 1);
      });
      const now = 1 + Math.floor(this.#next / 5);
      const hardState: HardState = {
        ...{ term: term(now), vote: peerId(1 + (now % 3)), commit: index(this.#next - 1) },
      };
      await log.append({ entries, hardState });
      note(hardState);
    }
    await log.close();
  }

  /** The newest write-ahead log. */
  get wal(): string {
    const logs = readdirSync(this.origin).filter((name) => name.endsWith(".log"));
    return join(this.origin, logs.sort().at(-1)!);
  }

  get lastTold(): Told {
    return this.told.at(-1)!;
  }

  /** A copy, damaged (`damage` is given its directory) and opened. */
  async openDamaged(damage: (copy: string) => void): Promise<Opened> {
    const copy = join(this.directory, "copy");
    rmSync(copy, { recursive: true, force: true });
    cpSync(this.origin, copy, { recursive: true });
    damage(copy);
    return await this.#opener.open(copy);
  }

  async remove(): Promise<void> {
    await this.#opener.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** It holds exactly what was told at that moment. */
export function isAsTold(opened: Opened, told: Told): boolean {
  return (
    opened.refused === undefined &&
    opened.last === told.last &&
    opened.isIntact &&
    JSON.stringify(opened.hardState) === JSON.stringify(told.hardState)
  );
}

/** For the tests' own loops: `QUORATE_DURABILITY_EVERY_BYTE=1` looks at every byte, else at every so manieth. */
export function strideOf(bytes: number): number {
  return process.env["QUORATE_DURABILITY_EVERY_BYTE"] === undefined ? bytes : 1;
}

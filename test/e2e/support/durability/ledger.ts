// What was promised: every write that a server acknowledged, and every write whose fate is open. Each key has one writer,
// which leaves the key alone after a write of unknown outcome; so a key may hold exactly one of two values: the last
// acknowledged one, or the one write that is open. Every value is written once in the whole run, and is kept, so that a
// changed byte in any answer is noticed: it is then no value that was ever written to that key.

export interface LedgerEntry {
  /** Last acknowledged value; undefined while there is none. */
  readonly acknowledged: string | undefined;
  /** Written after that with an unknown outcome. */
  readonly open: string | undefined;
}

interface Row {
  acknowledged: string | undefined;
  open: string | undefined;
  readonly written: Set<string>;
}

const shown = (value: string | undefined): string =>
  value === undefined ? "nothing" : JSON.stringify(value.slice(0, 60));

export class Ledger {
  readonly #rows = new Map<string, Row>();
  #acknowledgements = 0;

  /** How many writes were acknowledged. */
  get acknowledgements(): number {
    return this.#acknowledgements;
  }

  get keys(): readonly string[] {
    return [...this.#rows.keys()];
  }

  /** Before the write is sent: from now on the value may be seen. */
  sent(key: string, value: string): void {
    const row = this.#row(key);
    if (row.open !== undefined) throw new Error(`${key} was left alone, and is written again`);
    if (row.written.has(value)) throw new Error(`${shown(value)} is written twice`);
    row.written.add(value);
    row.open = value;
  }

  acknowledged(key: string): void {
    const row = this.#row(key);
    row.acknowledged = row.open;
    row.open = undefined;
    this.#acknowledgements += 1;
  }

  /** Certainly not done. */
  refused(key: string): void {
    this.#row(key).open = undefined;
  }

  entry(key: string): LedgerEntry {
    return this.#row(key);
  }

  /**
   * What is wrong with a linearizable read of everything, made after the last write ended. An open write that is seen is
   * from then on one that must stay.
   */
  problemsOf(server: string, found: ReadonlyMap<string, string>): readonly string[] {
    const problems = this.strangersIn(server, found);
    for (const [key, row] of this.#rows) {
      const value = found.get(key);
      if (value === row.acknowledged) continue;
      if (value !== undefined && value === row.open) {
        row.acknowledged = value;
        row.open = undefined;
      } else {
        const wanted = `acknowledged was ${shown(row.acknowledged)}`;
        problems.push(`${server}: ${key} is ${shown(value)}, but ${wanted}`);
      }
    }
    return problems;
  }

  /** What no server may ever say, however far it lags behind: values that nobody wrote there. */
  strangersIn(server: string, found: ReadonlyMap<string, string>): string[] {
    return [...found]
      .filter(([key, value]) => this.#rows.get(key)?.written.has(value) !== true)
      .map(([key, value]) => `${server}: ${key} is ${shown(value)}, which nobody wrote`);
  }

  #row(key: string): Row {
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row: Row = { acknowledged: undefined, open: undefined, written: new Set() };
    this.#rows.set(key, row);
    return row;
  }
}

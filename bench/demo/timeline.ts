// What a person sees while the demo runs: one timeline, seconds since the start, an act per heading.
import colors from "picocolors";

export class Timeline {
  readonly #out: NodeJS.WritableStream;
  readonly #startedAtMs = performance.now();

  constructor(out: NodeJS.WritableStream) {
    this.#out = out;
  }

  get seconds(): number {
    return (performance.now() - this.#startedAtMs) / 1000;
  }

  act(title: string): void {
    this.#out.write(`\n${colors.bold(title)}\n`);
  }

  say(text: string): void {
    this.#out.write(`  ${colors.dim(`${this.seconds.toFixed(1).padStart(5)} s`)}  ${text}\n`);
  }

  /** Who runs what: one row per machine, one mark per job. */
  picture(rows: ReadonlyMap<string, readonly string[]>): void {
    for (const [machine, jobs] of rows) {
      this.#out.write(
        `           ${colors.cyan(machine.padEnd(4))} ${"■ ".repeat(jobs.length)}${jobs.length === 0 ? "–" : ""}\n`,
      );
    }
  }

  table(rows: readonly (readonly [string, string])[]): void {
    const width = Math.max(...rows.map(([name]) => name.length));
    this.#out.write("\n");
    for (const [name, value] of rows) this.#out.write(`  ${name.padEnd(width)}  ${value}\n`);
  }
}

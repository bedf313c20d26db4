// The text that a directive produces: what the handlers write and what the servers log, in the order in
// which it comes up. At the highest level nothing is kept at all.

export type Level = "DEBUG" | "INFO" | "WARN" | "ERROR" | "FATAL" | "NONE";
const levels: readonly Level[] = ["DEBUG", "INFO", "WARN", "ERROR", "FATAL", "NONE"];

export const levelComplaint = `log levels must be either of [${levels.join(" ")}]`;

export function levelNamed(name: string): Level | undefined {
  return levels.find((level) => level === name.toUpperCase());
}

export class Output {
  level: Level = "DEBUG";
  #text = "";

  get text(): string {
    return this.#text;
  }

  get quiet(): boolean {
    return this.level === "NONE";
  }

  clear(): void {
    this.#text = "";
  }

  write(text: string): void {
    if (!this.quiet) this.#text += text;
  }

  log(level: Level, line: string): void {
    if (levels.indexOf(this.level) <= levels.indexOf(level)) this.write(`${level} ${line}\n`);
  }

  /** Indents every line that `work` writes. */
  indented<T>(work: () => T): T {
    const before = this.#text;
    this.#text = "";
    try {
      return work();
    } finally {
      const lines = this.#text.split("\n");
      if (lines.at(-1) === "") lines.pop();
      this.#text = before + lines.map((line) => `  ${line}\n`).join("");
    }
  }
}

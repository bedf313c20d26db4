import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Opened } from "./opened-log.ts";

const program = join(import.meta.dirname, "open-log-program.ts");

/** Opens logs in a process beside, a new one whenever that one died of it. */
export class Opener {
  #child: ChildProcess | undefined;

  async open(directory: string): Promise<Opened> {
    this.#child ??= fork(program, { execArgv: ["--import", "tsx"], stdio: "ignore" });
    const child = this.#child;
    child.send(directory);
    const ended = new AbortController();
    const { signal } = ended;
    const answer = await Promise.race([
      once(child, "message", { signal }),
      once(child, "exit", { signal }),
    ]).finally(() => {
      ended.abort();
    });
    const [first, by] = answer as [Opened | number | null, string?];
    if (typeof first === "object" && first !== null) return first;
    this.#child = undefined;
    const refused = `no code: the process ended by ${by ?? String(first)}`;
    return { refused, last: 0, hardState: undefined, isIntact: true, lines: [] };
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const gone = once(child, "exit");
    child.kill();
    await gone;
  }
}

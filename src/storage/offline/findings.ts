// What verification found, in the order in which it was found.
import { QuorateError } from "../../base/errors.ts";
import { storageErrors } from "../errors.ts";

export interface Finding {
  /** The file or database, relative to the data directory, and the place in it. */
  readonly where: string;
  readonly code: string;
  readonly what: string;
  readonly doThis: string;
}

/** One lost table file damages thousands of entries; nobody reads so many lines. */
const findingsPerPartMax = 50;

export class Findings {
  readonly #found: Finding[] = [];
  readonly #counts = new Map<string, number>();

  /** `part` is the database or file that the finding belongs to; more than a few dozen of one are only counted. */
  add(part: string, error: QuorateError, place: string = part): void {
    const count = (this.#counts.get(part) ?? 0) + 1;
    this.#counts.set(part, count);
    if (count > findingsPerPartMax) return;
    const { code, message, help } = error;
    this.#found.push({ where: place, code, what: message, doThis: help });
  }

  /** Runs `check`; a coded error becomes a finding, and undefined is given back. */
  async of<T>(part: string, check: () => Promise<T> | T): Promise<T | undefined> {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof QuorateError)) throw error;
      this.add(part, error);
      return undefined;
    }
  }

  list(): readonly Finding[] {
    const more = [...this.#counts].flatMap(([part, count]): Finding[] => {
      if (count <= findingsPerPartMax) return [];
      const { code, help } = storageErrors.CORRUPT_LOG("");
      const last = this.#found.findLast(({ where }) => where.startsWith(part));
      const what = `and ${String(count - findingsPerPartMax)} more of the same part`;
      return [{ where: part, code: last?.code ?? code, what, doThis: last?.doThis ?? help }];
    });
    return [...this.#found, ...more];
  }
}

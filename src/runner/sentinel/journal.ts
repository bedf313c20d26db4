// What this life of the sentinel has started, on disk before it is executed, so that whoever comes after it (its own
// server process, or the next life) can end what it left behind. JSON lines, appended and synced; a torn last
// line is a start that was never executed, because the execution waits for the sync.
import { type FileHandle, mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../../base/assert.ts";
import { journalBytesMax } from "./limits.ts";

/** The sentinel that writes this journal. */
export interface LifeRecord {
  readonly kind: "life";
  readonly pid: number;
  readonly startTicks: number;
  readonly bootId: string;
}
export interface StartRecord {
  readonly kind: "start";
  readonly jobId: string;
  readonly epoch: number;
  /** Process group = session = pid of the first process. */
  readonly group: number;
  readonly startTicks: number;
  readonly bootId: string;
  /** Path of the cgroup, "" without. */
  readonly cgroup: string;
}
export interface EndRecord {
  readonly kind: "end";
  readonly group: number;
  readonly startTicks: number;
}
export type JournalRecord = LifeRecord | StartRecord | EndRecord;

export function journalPath(dataDirectory: string): string {
  return join(dataDirectory, "sentinel", "journal");
}

function parseLine(line: string): JournalRecord | undefined {
  try {
    return JSON.parse(line) as JournalRecord;
  } catch (error) {
    // Only a crash in the middle of an append leaves half a line.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Records in the order of writing; empty when there is no journal. */
export async function readJournal(dataDirectory: string): Promise<JournalRecord[]> {
  let text: string;
  try {
    text = await readFile(journalPath(dataDirectory), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map(parseLine)
    .filter((record) => record !== undefined);
}

const keyOf = (record: StartRecord | EndRecord): string => `${record.group}/${record.startTicks}`;

/** Starts without an end. */
export function unended(records: readonly JournalRecord[]): StartRecord[] {
  const open = new Map<string, StartRecord>();
  for (const record of records) {
    if (record.kind === "start") open.set(keyOf(record), record);
    if (record.kind === "end") open.delete(keyOf(record));
  }
  return [...open.values()];
}

interface Waiting {
  readonly record: JournalRecord;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class Journal {
  readonly #dataDirectory: string;
  readonly #life: LifeRecord;
  readonly #open = new Map<string, StartRecord>();
  #file: FileHandle | undefined;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #bytes = 0;

  constructor(options: { readonly dataDirectory: string; readonly life: LifeRecord }) {
    this.#dataDirectory = options.dataDirectory;
    this.#life = options.life;
  }

  /** Begins a new, empty journal. What the old one named must be dead. */
  async start(): Promise<void> {
    await mkdir(join(this.#dataDirectory, "sentinel"), { recursive: true, mode: 0o700 });
    await this.#rewrite();
  }

  /** Resolves when the record is on disk. Appends that come while one is under way share the next sync. */
  async append(record: StartRecord | EndRecord): Promise<void> {
    const done = new Promise<void>((resolve, reject) =>
      this.#waiting.push({ record, resolve, reject }),
    );
    this.#writing ??= this.#drain();
    await done;
  }

  async stop(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        await this.#write(batch.map((item) => item.record));
        for (const item of batch) item.resolve();
      } catch (error) {
        for (const item of batch) item.reject(error);
      }
    }
    this.#writing = undefined;
  }

  async #write(records: readonly JournalRecord[]): Promise<void> {
    assert(this.#file !== undefined, "the journal must be started before it is written");
    for (const record of records) {
      if (record.kind === "start") this.#open.set(keyOf(record), record);
      if (record.kind === "end") this.#open.delete(keyOf(record));
    }
    if (this.#bytes > journalBytesMax) {
      await this.#rewrite();
      return;
    }
    const text = records.map((record) => JSON.stringify(record) + "\n").join("");
    await this.#file.appendFile(text);
    await this.#file.datasync();
    this.#bytes += text.length;
  }

  /** Replaces the file, atomically, by one that names this life and what it has running. */
  async #rewrite(): Promise<void> {
    const path = journalPath(this.#dataDirectory);
    const temporary = `${path}.new`;
    const file = await open(temporary, "w", 0o600);
    const records: JournalRecord[] = [this.#life, ...this.#open.values()];
    const text = records.map((record) => JSON.stringify(record) + "\n").join("");
    await file.appendFile(text);
    await file.sync();
    await rename(temporary, path);
    const directory = await open(join(this.#dataDirectory, "sentinel"), "r");
    await directory.sync();
    await directory.close();
    await this.#file?.close();
    this.#file = file;
    this.#bytes = text.length;
  }
}

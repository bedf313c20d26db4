// What a disk holds after the power went: bytes that were synced, names that were made durable, and of everything else any
// part or nothing. The calls of a machine are recorded from its start by strace; killed, its files are cut back to what was
// synced before the moment of the kill, or to a little more, with zeros where a file had grown and its data had not
// come. (Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014.)
//
// Assumed of the file system, as of ext4 and XFS: a synced file keeps its name, and names are changed in order. What was
// unlinked or renamed stays so.
import { statSync, truncateSync } from "node:fs";
import { between, type Random } from "../../../../src/base/random.ts";

const calls =
  "write,pwrite64,writev,pwritev,fdatasync,fsync,openat,rename,renameat,renameat2,ftruncate";

/** Words in front of a command whose calls on files are written to `trace`. */
export function recorded(trace: string): readonly string[] {
  return [
    "strace",
    "-f",
    "--seccomp-bpf",
    "-y",
    "-s",
    "0",
    "-qq",
    "-o",
    trace,
    "-e",
    `trace=${calls}`,
  ];
}

const sectorBytes = 512;

interface FileState {
  written: number;
  synced: number;
}

export interface Unsynced {
  readonly path: string;
  /** Bytes that are certain. */
  readonly synced: number;
}

const unfinished = /^(.*) <unfinished \.\.\.>$/;
const resumed = /^<\.\.\. (\w+) resumed>(.*)$/;
const call = /^(\w+)\((.*)\)\s+= (-?\d+)/;
const descriptor = /^\d+<([^>]*)>/;
const quoted = /"([^"]*)"/g;
const isNewFile = /O_TRUNC|O_EXCL/;

/** One thread's calls come in two lines when another's came in between. */
class Calls {
  readonly #begun = new Map<string, string>();

  /** The begun call, and the whole one once it is over. */
  add(line: string): { readonly begun?: string; readonly done?: string } {
    const [thread = ""] = line.split(" ", 1);
    const text = line.slice(thread.length).trimStart();
    const cut = unfinished.exec(text);
    if (cut !== null) {
      this.#begun.set(thread, cut[1]!);
      return { begun: `${thread} ${cut[1]!}` };
    }
    const rest = resumed.exec(text);
    if (rest === null) return { done: `${thread} ${text}` };
    const start = this.#begun.get(thread) ?? "";
    this.#begun.delete(thread);
    return { done: `${thread} ${start}${rest[2]!}` };
  }
}

export class DiskRecord {
  /** Those that were begun in this life: what was there before is certain. */
  readonly #files = new Map<string, FileState>();
  /** What was written when a sync that is under way began: more is not covered by it. */
  readonly #syncing = new Map<string, number>();
  readonly #root: string;

  /** `trace` as a machine's own life under `recorded` wrote it; files below `root` count. */
  constructor(root: string, trace: string) {
    this.#root = `${root}/`;
    const calls = new Calls();
    for (const line of trace.split("\n")) {
      const { begun, done } = calls.add(line);
      if (begun !== undefined) this.#begin(begun);
      if (done !== undefined) this.#end(done);
    }
  }

  /** Files with bytes that nobody has synced. */
  unsynced(): readonly Unsynced[] {
    return [...this.#files]
      .filter(([, { written, synced }]) => written > synced)
      .map(([path, { synced }]) => ({ path, synced }));
  }

  #begin(text: string): void {
    const [thread = ""] = text.split(" ", 1);
    const [, name = ""] = /^\d+ (\w+)\(/.exec(text) ?? [];
    const path = this.#pathIn(text.slice(text.indexOf("(") + 1));
    const file = path === undefined ? undefined : this.#files.get(path);
    if (name.endsWith("sync") && file !== undefined) this.#syncing.set(thread, file.written);
  }

  #end(text: string): void {
    const [thread = ""] = text.split(" ", 1);
    const [, name = "", words = "", result = "-1"] = call.exec(text.slice(thread.length + 1)) ?? [];
    const count = Number(result);
    if (count < 0) return;
    if (name.startsWith("rename")) this.#renamed(words);
    const path = this.#pathIn(words);
    if (name === "openat" && isNewFile.test(words)) this.#opened(words);
    const file = path === undefined ? undefined : this.#files.get(path);
    if (file === undefined) return;
    if (name.endsWith("sync")) {
      file.synced = Math.max(file.synced, this.#syncing.get(thread) ?? file.written);
      this.#syncing.delete(thread);
    } else if (name.includes("write")) file.written += count;
  }

  #opened(words: string): void {
    const path = [...words.matchAll(quoted)][0]?.[1];
    if (path?.startsWith(this.#root) === true) this.#files.set(path, { written: 0, synced: 0 });
  }

  #renamed(words: string): void {
    const [from = "", to = ""] = [...words.matchAll(quoted)].map(([, path]) => path ?? "");
    const file = this.#files.get(from);
    this.#files.delete(from);
    if (file !== undefined) this.#files.set(to, file);
  }

  #pathIn(words: string): string | undefined {
    const path = descriptor.exec(words)?.[1];
    return path?.startsWith(this.#root) === true ? path : undefined;
  }
}

/**
 * How much of a file is left: what was synced, or that and some whole sectors more. A disk writes a sector or does not, so
 * zeros begin behind the synced bytes or at the edge of a sector.
 */
function keptBytes(synced: number, size: number, random: Random): number {
  const kept = synced + between(random, 0, size - synced + 1);
  return kept === size ? size : Math.max(synced, kept - (kept % sectorBytes));
}

/** Cuts the files of a dead machine; says what it did. */
export function losePower(record: DiskRecord, random: Random): readonly string[] {
  return record.unsynced().flatMap(({ path, synced }) => {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= synced) return [];
    const kept = keptBytes(synced, size, random);
    truncateSync(path, kept);
    const hasZeros = between(random, 0, 2) === 0;
    if (hasZeros) truncateSync(path, size);
    return [`${path}: ${size} bytes, ${synced} synced, ${kept} kept${hasZeros ? ", zeros" : ""}`];
  });
}

// What a conformance suite needs of an implementation: to open it, and to open it again as after kill -9.
import { createHash } from "node:crypto";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QuorateError } from "../../../src/base/errors.ts";
import { index, peerId, term } from "../../../src/base/numbers.ts";
import type { Entry, HardState, SnapshotMeta } from "../../../src/raft/types.ts";

export interface Harness<Store> {
  /** Opens what is durable; the store before it was closed. */
  open(): Promise<Store>;
  /** Opens what would be there if the process had been killed now. */
  crash(): Promise<Store>;
  dispose(): Promise<void>;
}

/**
 * Real files: a crash is a copy of the directory, taken while the store is open. A copy is not one moment if
 * LevelDB moves files meanwhile, so background work settles first.
 */
export function directoryHarness<Store extends { close(): Promise<void>; idle?(): Promise<void> }>(
  openStore: (directory: string, isNew: boolean) => Promise<Store>,
): () => Promise<Harness<Store>> {
  return async () => {
    const root = await mkdtemp(join(tmpdir(), "quorate-storage-"));
    const opened: Store[] = [];
    let lives = 0;
    let directory = join(root, "0");
    let isNew = true;
    const open = async (): Promise<Store> => {
      const store = await openStore(directory, isNew);
      isNew = false;
      opened.push(store);
      return store;
    };
    return {
      open,
      crash: async () => {
        lives += 1;
        await opened.at(-1)?.idle?.();
        const copy = join(root, String(lives));
        await copyOpen(directory, copy);
        directory = copy;
        return open();
      },
      dispose: async () => {
        for (const store of opened) await store.close();
        await rm(root, { recursive: true, force: true });
      },
    };
  };
}

const copiesMax = 20;

/** LevelDB deletes the files that a merge has replaced a moment after it has said that the merge is done. */
async function copyOpen(from: string, to: string): Promise<void> {
  for (let round = 1; ; round += 1) {
    try {
      await cp(from, to, { recursive: true });
      return;
    } catch (error) {
      const isGone = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!isGone || round >= copiesMax) throw error;
      await rm(to, { recursive: true, force: true });
    }
  }
}

export async function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), "quorate-storage-"));
}

export function entry(
  at: number,
  termOf: number,
  data: Uint8Array = Buffer.from(`${String(at)}/${String(termOf)}`),
): Entry {
  return {
    index: index(at),
    term: term(termOf),
    type: at % 7 === 3 ? "membership" : "normal",
    data,
  };
}

/** Entries of [from, to] in one term. */
export function run(from: number, to: number, termOf: number): Entry[] {
  return Array.from({ length: to - from + 1 }, (_, i) => entry(from + i, termOf));
}

export function hardState(termOf: number, vote: number, commit: number): HardState {
  return { term: term(termOf), vote: peerId(vote), commit: index(commit) };
}

export function snapshotMeta(at: number, termOf: number): SnapshotMeta {
  return {
    index: index(at),
    term: term(termOf),
    membership: {
      voters: [peerId(1), peerId(2), peerId(3)],
      learners: [peerId(9)],
      votersOutgoing: [],
      learnersNext: [],
      autoLeave: false,
    },
  };
}

export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The code of the error that `act` ends with; "none" when it succeeds. */
export async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act();
    return "none";
  } catch (error) {
    if (error instanceof QuorateError) return error.code;
    throw error;
  }
}

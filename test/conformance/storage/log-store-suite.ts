// What every LogStore must do; the promises are in src/storage/contract.ts.
import fc from "fast-check";
import { expect } from "vitest";
import { AssertionFailed } from "../../../src/base/assert.ts";
import { index } from "../../../src/base/numbers.ts";
import type { LogView } from "../../../src/raft/log-view.ts";
import type { Entry } from "../../../src/raft/types.ts";
import type { LogStore } from "../../../src/storage/contract.ts";
import { type Framework, vitestFramework } from "./framework.ts";
import type { Harness } from "./harness.ts";
import { codeOf, entry, hardState, run, snapshotMeta } from "./harness.ts";

const unlimited = 1e9;
const noState = { hardState: undefined };

function all(view: LogView): readonly Entry[] {
  return view.entries(view.firstIndex(), index(view.lastIndex() + 1), unlimited) ?? [];
}

/** "index:term" of everything that the view can tell, with the base in front. */
function shape(view: LogView): string {
  const base = view.firstIndex() - 1;
  const parts = [`${String(base)}:${String(view.term(index(base)))}|`];
  for (const { index: at, term, data } of all(view)) {
    expect(view.term(at)).toBe(term);
    expect(Buffer.from(data).toString()).toBe(`${String(at)}/${String(term)}`);
    parts.push(`${String(at)}:${String(term)}`);
  }
  return parts.join(" ");
}

type Make = () => Promise<Harness<LogStore>>;

interface Given {
  readonly test: Framework["test"];
  harness(): Harness<LogStore>;
  store(): LogStore;
}

function readingAndAppending({ test, ...given }: Given): void {
  test("an empty log has index 0 before its beginning", () => {
    const { view } = given.store();
    expect([view.firstIndex(), view.lastIndex(), view.snapshot().index]).toEqual([1, 0, 0]);
    expect(view.term(index(0))).toBe(0);
    expect(view.term(index(1))).toBeUndefined();
    expect(view.initialHardState()).toEqual(hardState(0, 0, 0));
    expect(view.entries(index(1), index(1), unlimited)).toEqual([]);
  });

  test("entries come back in order, with type and payload", async () => {
    const store = given.store();
    const written = [entry(1, 1), entry(2, 1, new Uint8Array(0)), entry(3, 4)];
    await store.append({ entries: written, hardState: hardState(4, 2, 1) });
    const { view } = await given.harness().crash();
    expect(all(view).map((e) => ({ ...e, data: Buffer.from(e.data) }))).toEqual(
      written.map((e) => ({ ...e, data: Buffer.from(e.data) })),
    );
    expect(view.initialHardState()).toEqual(hardState(4, 2, 1));
    expect([0, 1, 2, 3, 4].map((at) => view.term(index(at)))).toEqual([0, 1, 1, 4, undefined]);
  });

  test("a read is cut after the given bytes, but has at least one entry", async () => {
    const store = given.store();
    const entries = [1, 2, 3, 4].map((at) => entry(at, 1, new Uint8Array(100)));
    await store.append({ entries, ...noState });
    const count = (bytes: number): number =>
      store.view.entries(index(1), index(5), bytes)?.length ?? 0;
    expect([0, 99, 100, 199, 200, 350, 400, 1000].map(count)).toEqual([1, 1, 1, 1, 2, 3, 4, 4]);
  });

  test("the view shows an append once it has resolved, not before", async () => {
    const store = given.store();
    await store.append({ entries: run(1, 5, 1), hardState: hardState(1, 1, 0) });
    const pending = store.append({ entries: run(3, 4, 2), hardState: hardState(2, 0, 0) });
    expect(shape(store.view)).toBe("0:0| 1:1 2:1 3:1 4:1 5:1");
    await pending;
    expect(shape(store.view)).toBe("0:0| 1:1 2:1 3:2 4:2");
  });

  test("one append may be in flight", async () => {
    const store = given.store();
    const pending = store.append({ entries: run(1, 1, 1), ...noState });
    await expect(store.append({ entries: run(2, 2, 1), ...noState })).rejects.toThrow(
      AssertionFailed,
    );
    await pending;
    await store.append({ entries: run(2, 2, 1), ...noState });
    expect(store.view.lastIndex()).toBe(2);
  });

  test("truncation at every point, also after a restart", async () => {
    const store = given.store();
    let term = 1;
    await store.append({ entries: run(1, 9, term), hardState: hardState(1, 0, 0) });
    for (let from = 9; from >= 1; from -= 1) {
      term += 1;
      await store.append({ entries: run(from, from, term), hardState: hardState(term, 0, 0) });
      expect(store.view.lastIndex()).toBe(from);
      expect(store.view.term(index(from))).toBe(term);
    }
    await store.append({ entries: run(1, 3, term), ...noState });
    expect(shape((await given.harness().crash()).view)).toBe("0:0| 1:10 2:10 3:10");
  });

  test("a caller's mistake is an assertion and writes nothing", async () => {
    const store = given.store();
    await store.append({ entries: run(1, 5, 2), hardState: hardState(2, 1, 3) });
    const mistakes = [
      { entries: run(7, 7, 2), ...noState },
      { entries: [entry(6, 2), entry(8, 2)], ...noState },
      { entries: run(3, 3, 3), ...noState },
      { entries: run(6, 6, 1), ...noState },
      { entries: [], hardState: hardState(1, 0, 3) },
      { entries: [], hardState: hardState(2, 2, 3) },
      { entries: [], hardState: hardState(2, 1, 2) },
      { entries: [], hardState: hardState(2, 1, 6) },
    ];
    for (const mistake of mistakes)
      await expect(store.append(mistake)).rejects.toThrow(AssertionFailed);
    await expect(store.compact(snapshotMeta(4, 2), index(6))).rejects.toThrow(AssertionFailed);
    await store.append({ entries: run(6, 6, 2), hardState: hardState(2, 1, 6) });
    expect((await given.harness().crash()).view.initialHardState()).toEqual(hardState(2, 1, 6));
  });
}

function compacting({ test, ...given }: Given): void {
  test("compaction with a trailing window at every point", async () => {
    const store = given.store();
    await store.append({
      entries: [...run(1, 4, 1), ...run(5, 9, 2)],
      hardState: hardState(2, 0, 8),
    });
    for (let keepFrom = 1; keepFrom <= 9; keepFrom += 1) {
      await store.compact(snapshotMeta(8, 2), index(keepFrom));
      const { view } = store;
      expect([view.firstIndex(), view.lastIndex(), view.snapshot()]).toEqual([
        keepFrom,
        9,
        snapshotMeta(8, 2),
      ]);
      expect(view.term(index(keepFrom - 1))).toBe(keepFrom === 1 ? 0 : keepFrom - 1 <= 4 ? 1 : 2);
      if (keepFrom > 1)
        expect(view.entries(index(keepFrom - 1), index(9), unlimited)).toBeUndefined();
      if (keepFrom > 2) expect(view.term(index(keepFrom - 2))).toBeUndefined();
    }
    await store.append({ entries: run(10, 11, 3), hardState: hardState(3, 0, 8) });
    const after = await given.harness().crash();
    expect(shape(after.view)).toBe("8:2| 9:2 10:3 11:3");
    expect(after.view.snapshot()).toEqual(snapshotMeta(8, 2));
  });

  test("a snapshot of the whole log leaves nothing but its index and term", async () => {
    const store = given.store();
    await store.append({ entries: run(1, 6, 3), hardState: hardState(3, 0, 6) });
    await store.compact(snapshotMeta(6, 3), index(7));
    const { view } = await given.harness().crash();
    expect(shape(view)).toBe("6:3|");
    expect([view.firstIndex(), view.lastIndex()]).toEqual([7, 6]);
  });

  test("a snapshot beyond the end replaces the log and raises term and commit", async () => {
    const store = given.store();
    await store.append({ entries: run(1, 6, 3), hardState: hardState(3, 2, 4) });
    await store.compact(snapshotMeta(1000, 5), index(2));
    expect(shape(store.view)).toBe("1000:5|");
    expect(store.view.initialHardState()).toEqual(hardState(5, 0, 1000));
    await store.append({ entries: run(1001, 1002, 5), hardState: hardState(5, 1, 1001) });
    expect(shape((await given.harness().crash()).view)).toBe("1000:5| 1001:5 1002:5");
  });

  test("a snapshot of another term replaces the log, also entries above it", async () => {
    const store = given.store();
    await store.append({ entries: run(1, 9, 1), hardState: hardState(4, 2, 2) });
    await store.compact(snapshotMeta(5, 3), index(1));
    expect(shape(store.view)).toBe("5:3|");
    expect(store.view.initialHardState()).toEqual(hardState(4, 2, 5));
    await store.append({ entries: run(6, 6, 4), ...noState });
    expect(shape((await given.harness().crash()).view)).toBe("5:3| 6:4");
  });

  test("a compaction while an append is in flight waits for it", async () => {
    const store = given.store();
    await store.append({ entries: run(1, 5, 1), hardState: hardState(1, 0, 5) });
    const pending = store.append({ entries: run(6, 7, 1), ...noState });
    const compaction = store.compact(snapshotMeta(5, 1), index(4));
    await pending;
    const next = store.append({ entries: run(8, 8, 1), ...noState });
    await Promise.all([compaction, next]);
    expect(shape((await given.harness().crash()).view)).toBe("3:1| 4:1 5:1 6:1 7:1 8:1");
  });
}

type Step =
  | {
      readonly kind: "append";
      readonly back: number;
      readonly count: number;
      readonly newTerm: boolean;
    }
  | { readonly kind: "commit"; readonly ahead: number }
  | { readonly kind: "compact"; readonly window: number }
  | { readonly kind: "install"; readonly ahead: number }
  | { readonly kind: "reopen" | "crash" };

const small = fc.nat({ max: 6 });
const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("append" as const),
      back: small,
      count: small,
      newTerm: fc.boolean(),
    }),
    fc.record({ kind: fc.constant("commit" as const), ahead: small }),
    fc.record({ kind: fc.constant("compact" as const), window: small }),
    fc.record({ kind: fc.constant("install" as const), ahead: small }),
    fc.record({ kind: fc.constantFrom("reopen" as const, "crash" as const) }),
  ),
  { maxLength: 25 },
);

/** The log as a plain array of terms; position 0 is index 0. */
interface Model {
  terms: number[];
  base: number;
  term: number;
  commit: number;
}

const lastOf = (model: Model): number => model.terms.length - 1;

async function appendStep(
  store: LogStore,
  model: Model,
  step: Step & { kind: "append" },
): Promise<void> {
  if (step.newTerm) model.term += 1;
  const from = Math.max(model.commit + 1, lastOf(model) + 1 - (step.newTerm ? step.back : 0));
  const entries = run(from, from + step.count - 1, model.term);
  if (entries.length > 0) model.terms.length = from;
  for (const { term } of entries) model.terms.push(term);
  await store.append({ entries, hardState: hardState(model.term, 0, model.commit) });
}

async function apply(store: LogStore, model: Model, step: Step): Promise<void> {
  if (step.kind === "append") {
    await appendStep(store, model, step);
  } else if (step.kind === "commit") {
    model.commit = Math.min(lastOf(model), model.commit + step.ahead);
    await store.append({ entries: [], hardState: hardState(model.term, 0, model.commit) });
  } else if (step.kind === "compact") {
    const keepFrom = Math.max(model.commit + 1 - step.window, 1);
    await store.compact(
      snapshotMeta(model.commit, model.terms[model.commit] ?? 0),
      index(keepFrom),
    );
    model.base = Math.max(model.base, keepFrom - 1);
  } else if (step.kind === "install") {
    model.term += 1;
    model.commit += step.ahead + 1;
    await store.compact(snapshotMeta(model.commit, model.term), index(1));
    model.base = model.commit;
    model.terms.length = Math.min(model.terms.length, model.commit);
    while (model.terms.length < model.commit) model.terms.push(0);
    model.terms.push(model.term);
  }
}

function expected({ terms, base }: Model): string {
  const parts = [`${String(base)}:${String(terms[base])}|`];
  for (let at = base + 1; at < terms.length; at += 1)
    parts.push(`${String(at)}:${String(terms[at])}`);
  return parts.join(" ");
}

function likeTheModel({ test }: Given, make: Make, runs: number): void {
  const sequences = async (): Promise<void> => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence: readonly Step[]) => {
        const harness = await make();
        try {
          let store = await harness.open();
          const model: Model = { terms: [0], base: 0, term: 0, commit: 0 };
          for (const step of sequence) {
            if (step.kind === "crash") store = await harness.crash();
            if (step.kind === "reopen") {
              await store.close();
              store = await harness.open();
            }
            await apply(store, model, step);
            expect(shape(store.view)).toBe(expected(model));
            const { term, commit } = store.view.initialHardState();
            expect([term, commit]).toEqual([model.term, model.commit]);
          }
        } finally {
          await harness.dispose();
        }
      }),
      { numRuns: runs },
    );
  };
  test("any sequence of writes and restarts reads like a plain array", sequences, 60_000);
}

export function logStoreSuite(
  name: string,
  make: Make,
  options: { readonly modelRuns: number; readonly framework?: Framework },
): void {
  const { describe, test, beforeEach, afterEach } = options.framework ?? vitestFramework;
  describe(`LogStore: ${name}`, () => {
    let harness: Harness<LogStore>;
    let store: LogStore;
    beforeEach(async () => {
      harness = await make();
      store = await harness.open();
    });
    afterEach(() => harness.dispose());
    const given: Given = { test, harness: () => harness, store: () => store };
    readingAndAppending(given);
    compacting(given);
    likeTheModel(given, make, options.modelRuns);

    test("a closed store refuses writes; closing again does nothing", async () => {
      await store.append({ entries: run(1, 2, 1), ...noState });
      const last = store.append({ entries: run(3, 3, 1), ...noState });
      await store.close();
      await last;
      await store.close();
      expect(await codeOf(() => store.append({ entries: run(4, 4, 1), ...noState }))).toBe(
        "QUORATE_STORAGE_CLOSED",
      );
      expect((await harness.open()).view.lastIndex()).toBe(3);
    });

    test("counts what was written", async () => {
      await store.append({ entries: run(1, 3, 1), ...noState });
      await store.append({ entries: run(4, 4, 1), ...noState });
      expect(store.stats()).toMatchObject({ entries: 4, appends: 2 });
      expect(store.stats().appendedBytes).toBeGreaterThan(0);
    });
  });
}

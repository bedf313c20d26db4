// What every LogStore must do on a disk that holds writes back, loses them, fails or damages what it holds.
import { expect } from "vitest";
import { index } from "../../../src/base/numbers.ts";
import type { LogView } from "../../../src/raft/log-view.ts";
import type { LogStore } from "../../../src/storage/contract.ts";
import { type FaultyHarness, noteWhen, settled } from "./faulty-disk.ts";
import { type Framework, vitestFramework } from "./framework.ts";
import { codeOf, hardState, run, snapshotMeta } from "./harness.ts";

type Make = () => Promise<FaultyHarness<LogStore>>;
type Act = (store: LogStore) => Promise<void>;

const writeFailed = "QUORATE_STORAGE_WRITE_FAILED";
const corrupt = /^QUORATE_STORAGE_CORRUPT_/;

/** One of each kind of write. */
const script: readonly Act[] = [
  (store) => store.append({ entries: run(1, 5, 1), hardState: hardState(1, 2, 0) }),
  (store) => store.append({ entries: [], hardState: hardState(1, 2, 3) }),
  (store) => store.append({ entries: run(4, 4, 2), hardState: hardState(2, 0, 3) }),
  (store) => store.append({ entries: run(5, 9, 2), hardState: undefined }),
  (store) => store.append({ entries: run(10, 11, 3), hardState: hardState(3, 1, 9) }),
  (store) => store.compact(snapshotMeta(8, 2), index(6)),
  (store) => store.append({ entries: run(12, 12, 3), hardState: hardState(3, 1, 11) }),
  (store) => store.compact(snapshotMeta(40, 5), index(1)),
  (store) => store.append({ entries: run(41, 43, 5), hardState: hardState(5, 1, 41) }),
];

/** Everything that a view can tell. */
function picture(view: LogView): string {
  const from = view.firstIndex();
  const to = index(view.lastIndex() + 1);
  const entries = view.entries(from, to, 1e9) ?? [];
  const parts = entries.map(
    (each) => `${each.index}/${each.term}/${each.type}/${Buffer.from(each.data).toString("hex")}`,
  );
  const base = view.term(index(from - 1));
  const { term, vote, commit } = view.initialHardState();
  const snapshot = view.snapshot();
  return `${from - 1}:${base} [${parts.join(" ")}] t${term} v${vote} c${commit} s${snapshot.index}/${snapshot.term}`;
}

/** The picture before each act of the script, and after the last. */
async function pictures(make: Make): Promise<string[]> {
  const harness = await make();
  const store = await harness.open();
  const seen = [picture(store.view)];
  for (const act of script) {
    await act(store);
    await settled();
    seen.push(picture(store.view));
  }
  await harness.dispose();
  return seen;
}

interface Stopped {
  readonly harness: FaultyHarness<LogStore>;
  readonly store: LogStore;
  /** Acts that were acknowledged. */
  readonly done: number;
}

/** Plays the script until a write after the first `writes` is held back. */
async function stoppedAfter(make: Make, writes: number): Promise<Stopped> {
  const harness = await make();
  const store = await harness.open();
  harness.disk.after(writes, "held");
  let done = 0;
  for (const act of script) {
    const acting = noteWhen(act(store));
    await settled();
    if (!acting.isDone) break;
    done += 1;
  }
  return { harness, store, done };
}

async function writesOfScript(make: Make): Promise<number> {
  const { harness } = await stoppedAfter(make, Number.POSITIVE_INFINITY);
  return harness.disk.writes;
}

const endings = [
  "lost",
  "kept",
  ...[0.01, 0.3, 0.6, 0.99].flatMap((share) => [
    { kind: "cut", share } as const,
    { kind: "zero-sector", share } as const,
  ]),
] as const;

function crashes({ test }: Framework, make: Make): void {
  test("nothing resolves, and nothing is seen, before it is synced", async () => {
    const { harness, store, done } = await stoppedAfter(make, 1);
    const seen = await pictures(make);
    expect(done).toBe(1);
    expect(picture(store.view)).toBe(seen[1]);
    harness.disk.release();
    await settled();
    expect(picture(store.view)).toBe(seen[2]);
    await harness.dispose();
  });

  const everywhere = async (): Promise<void> => {
    const seen = await pictures(make);
    const writes = await writesOfScript(make);
    expect(writes).toBeGreaterThanOrEqual(script.length);
    for (let at = 0; at <= writes; at += 1) {
      for (const ending of endings) {
        const { harness, done } = await stoppedAfter(make, at);
        if (typeof ending === "object" && !harness.canTear) continue;
        const { view } = await harness.loseKeepOrTear(ending);
        const allowed = ending === "lost" ? [seen[done]] : [seen[done], seen[done + 1]];
        expect(allowed, `after ${at} writes, ${JSON.stringify(ending)}`).toContain(picture(view));
        await harness.dispose();
      }
    }
  };
  test(
    "a crash at any write leaves all acknowledged acts, and the next one whole or not at all",
    everywhere,
    60_000,
  );

  test("after a crash the log goes on", async () => {
    const writes = await writesOfScript(make);
    for (let at = 0; at < writes; at += 1) {
      const { harness } = await stoppedAfter(make, at);
      const store = await harness.loseKeepOrTear("kept");
      const last = store.view.lastIndex();
      const term = store.view.initialHardState().term + 1;
      await store.append({
        entries: run(last + 1, last + 2, term),
        hardState: hardState(term, 0, last),
      });
      const after = await harness.crash();
      expect(after.view.lastIndex()).toBe(last + 2);
      await harness.dispose();
    }
  });
}

function failures({ test }: Framework, make: Make): void {
  const failing = async (): Promise<void> => {
    const seen = await pictures(make);
    const writes = await writesOfScript(make);
    for (let at = 0; at < writes; at += 1) {
      const harness = await make();
      const store = await harness.open();
      harness.disk.after(at, "failed");
      const codes: string[] = [];
      for (const act of script) {
        codes.push(await codeOf(() => act(store)));
        await settled();
        if (codes.at(-1) !== "none") break;
      }
      // Only a write in the background can fail last.
      const done = codes.filter((code) => code === "none").length;
      expect(codes.slice(done).every((code) => code === writeFailed)).toBe(true);
      harness.disk.after(Number.POSITIVE_INFINITY, "held");
      expect(await codeOf(() => store.append({ entries: [], hardState: hardState(9, 0, 0) }))).toBe(
        writeFailed,
      );
      expect(picture(store.view)).toBe(seen[done]);
      expect(picture((await harness.crash()).view)).toBe(seen[done]);
      await harness.dispose();
    }
  };
  test("the first write that fails is the last one", failing, 60_000);
}

function damage({ test }: Framework, make: Make): void {
  const found = async (): Promise<void> => {
    const whole = (await pictures(make))[7];
    const count = (await playedTo(make, 7)).harness.places().length;
    for (let at = 0; at < count; at += 1) {
      for (const share of [0, 0.2, 0.4, 0.6, 0.8, 0.999]) {
        const { harness } = await playedTo(make, 7);
        const place = harness.places()[at];
        if (place === undefined) throw new Error("a place is gone");
        place.flip(share);
        let shown = "";
        const code = await codeOf(async () => {
          shown = picture((await harness.crash()).view);
        });
        const what = `${place.name} at ${share}`;
        if (place.code === undefined) expect([code, shown], what).toEqual(["none", whole]);
        else expect(code, what).toBe(place.code);
        await harness.dispose();
      }
    }
  };
  test("a bit that flipped anywhere is found at the next start, or does not matter", found, 60_000);

  test("an entry that is damaged while the log is open is never shown", async () => {
    const { harness, store } = await playedTo(make, 7);
    const whole = picture(store.view);
    for (const place of harness.places()) {
      if (!place.name.startsWith("entry")) continue;
      place.flip(0.9);
      let shown = whole;
      const code = await codeOf(() => {
        shown = picture(store.view);
      });
      if (code !== "none") expect(code).toMatch(corrupt);
      expect(shown).toBe(whole);
    }
    await harness.dispose();
  });
}

/** The first `acts` of the script are done. */
async function playedTo(make: Make, acts: number): Promise<Omit<Stopped, "done">> {
  const harness = await make();
  const store = await harness.open();
  for (const act of script.slice(0, acts)) {
    await act(store);
    await settled();
  }
  return { harness, store };
}

export function logFaultsSuite(
  name: string,
  make: Make,
  framework: Framework = vitestFramework,
): void {
  framework.describe(`LogStore on a faulty disk: ${name}`, () => {
    crashes(framework, make);
    failures(framework, make);
    damage(framework, make);
  });
}

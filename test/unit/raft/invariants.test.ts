import { describe, expect, test } from "vitest";
import { type Index, index, peerId, type Term, term } from "../../../src/base/numbers.ts";
import { seededRandom } from "../../../src/base/random.ts";
import { entryOverheadBytes } from "../../../src/raft/entry-size.ts";
import { type CoreView, checkInvariants } from "../../../src/raft/invariants.ts";
import { MemoryLog } from "../../../src/raft/memory-log.ts";
import { RaftCore } from "../../../src/raft/raft-core.ts";

function view(id: number, terms: readonly number[], rest: Partial<CoreView> = {}): CoreView {
  const firstIndex = rest.firstIndex ?? index(1);
  return {
    id: peerId(id),
    role: "follower",
    term: term(terms.at(-1) ?? 0),
    vote: peerId(0),
    commit: index(0),
    applied: index(0),
    firstIndex,
    lastIndex: index(firstIndex - 1 + terms.length),
    termAt: (at: Index): Term | undefined => {
      const found = terms[at - firstIndex];
      return found === undefined ? undefined : term(found);
    },
    ...rest,
  };
}

const broken = (...views: CoreView[]): string[] => checkInvariants(views).map((v) => v.invariant);

describe("every invariant can fail", () => {
  test("a healthy cluster has none", () => {
    const leader = view(1, [1, 1, 2], { role: "leader", commit: index(3), applied: index(2) });
    const follower = view(2, [1, 1, 2], { commit: index(3) });
    const lagging = view(3, [1, 1, 1], { commit: index(2) });
    expect(broken(leader, follower, lagging)).toEqual([]);
  });

  test("election safety", () => {
    const both = [view(1, [2], { role: "leader" }), view(2, [2], { role: "leader" })];
    expect(broken(...both)).toEqual(["election-safety"]);
    expect(broken(view(1, [2], { role: "leader" }), view(2, [3], { role: "leader" }))).toEqual([]);
  });

  test("log matching", () => {
    expect(broken(view(1, [1, 1, 3]), view(2, [1, 2, 3]))).toEqual(["log-matching"]);
    expect(broken(view(1, [1, 1, 3]), view(2, [1, 2, 2]))).toEqual([]);
  });

  test("state machine safety", () => {
    const a = view(1, [1, 1], { commit: index(2) });
    const b = view(2, [1, 2], { commit: index(2) });
    expect(broken(a, b)).toEqual(["state-machine-safety"]);
  });

  test("leader completeness", () => {
    const leader = view(1, [1, 3], { role: "leader" });
    const other = view(2, [1, 2], { commit: index(2), term: term(3) });
    expect(broken(leader, other)).toEqual(["leader-completeness"]);
    const short = view(1, [1], { role: "leader", term: term(3) });
    expect(broken(short, other)).toEqual(["leader-completeness"]);
    // Not asked of a leader that others have already left behind.
    expect(broken({ ...short, term: term(2) }, other)).toEqual([]);
  });

  test("commit ordering", () => {
    expect(broken(view(1, [1], { commit: index(2) }))).toEqual(["commit-ordering"]);
    expect(broken(view(1, [1], { applied: index(1) }))).toEqual(["commit-ordering"]);
    const compacted = view(1, [1], { firstIndex: index(5), commit: index(3) });
    expect(broken(compacted)).toEqual(["commit-ordering"]);
  });
});

describe("config", () => {
  const config = {
    id: peerId(1),
    electionTicks: 10,
    heartbeatTicks: 1,
    maxMessageBytes: 100,
    maxInflightMessages: 10,
    maxInflightBytes: 1000,
    maxUncommittedBytes: 1000,
    applyBatchBytesMax: 1000,
    applied: index(0),
  };
  const modules = { log: new MemoryLog(), random: seededRandom(1) };

  test("bad settings are refused by name", () => {
    const bad = [
      { id: peerId(0) },
      { electionTicks: 1 },
      { heartbeatTicks: 0 },
      { maxMessageBytes: 0.5 },
      { maxInflightBytes: 99 },
      { maxEntryBytes: 0.5 },
      { applied: index(5) },
    ];
    expect(() => new RaftCore(config, modules)).not.toThrow();
    for (const change of bad) {
      const [field] = Object.keys(change);
      expect(() => new RaftCore({ ...config, ...change }, modules)).toThrow(
        expect.objectContaining({
          code: "QUORATE_RAFT_BAD_CONFIG",
          message: expect.stringContaining(field ?? "") as unknown,
        }),
      );
    }
  });

  test("the window of appends must hold the largest entry", () => {
    const large = { ...config, maxEntryBytes: 1000 - entryOverheadBytes };
    expect(() => new RaftCore(large, modules)).not.toThrow();
    expect(() => new RaftCore({ ...large, maxInflightBytes: 999 }, modules)).toThrow(
      expect.objectContaining({
        code: "QUORATE_RAFT_BAD_CONFIG",
        message: expect.stringContaining("maxInflightBytes") as unknown,
      }),
    );
  });

  test("the election timeout lies in [electionTicks, 2 × electionTicks)", () => {
    const seen = new Set<number>();
    for (let seed = 0; seed < 200; seed += 1) {
      const log = new MemoryLog();
      const core = new RaftCore(
        {
          ...config,
          membership: {
            voters: [peerId(1), peerId(2)],
            learners: [],
            votersOutgoing: [],
            learnersNext: [],
            autoLeave: false,
          },
        },
        { log, random: seededRandom(seed) },
      );
      let ticks = 0;
      while (core.status().role === "follower") {
        core.tick();
        ticks += 1;
      }
      seen.add(ticks);
    }
    expect([...seen].sort((a, b) => a - b)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  });
});

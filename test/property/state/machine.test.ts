import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { QuorateError } from "../../../src/base/errors.ts";
import { sessionId } from "../../../src/base/numbers.ts";
import { defaultLimits } from "../../../src/state/limits.ts";
import type { StateReader } from "../../../src/state/reader.ts";
import { StateMachine } from "../../../src/state/state-machine.ts";
import { bytesOf, Fixture, restored, testHash } from "../../unit/state/fixture.ts";
import { damages } from "./arbitraries.ts";
import { type Holders, violations } from "./invariants.ts";
import {
  applyEntry,
  type EntryData,
  entryOf,
  founding,
  histories,
  type Step,
  smallLimits,
} from "./workload.ts";

const options = { limits: smallLimits };
const bounds = { ...defaultLimits, ...smallLimits };

/** Runs a history on a fresh machine; `after` sees every entry once it is applied. */
function run(
  steps: readonly Step[],
  after: (machine: StateMachine, entry: EntryData) => void = () => undefined,
): StateMachine {
  const machine = new StateMachine(options);
  for (const step of [undefined, ...steps]) {
    const entry = step === undefined ? founding() : entryOf(step, machine.tables);
    applyEntry(machine, entry);
    after(machine, entry);
  }
  return machine;
}

describe("determinism", () => {
  test("two machines and one restored on the way have the same results and digests", () => {
    fc.assert(
      fc.property(histories, fc.nat(119), (steps, at) => {
        const log: EntryData[] = [];
        run(steps, (_, entry) => log.push(entry));
        const one = new StateMachine(options);
        const two = new StateMachine(options);
        let third = two;
        for (const [i, entry] of log.entries()) {
          if (i === at % log.length) third = restored(bytesOf(one), 333, options);
          const applied = applyEntry(one, entry);
          expect(applyEntry(two, entry)).toEqual(applied);
          if (third !== two) expect(applyEntry(third, entry)).toEqual(applied);
        }
        expect(two.digest(testHash)).toBe(one.digest(testHash));
        expect(third.digest(testHash)).toBe(one.digest(testHash));
        expect(third.tables.stats()).toEqual(one.tables.stats());
      }),
      { numRuns: 60 },
    );
  });

  test("a snapshot shows the moment of freezing, and freezing changes nothing", () => {
    fc.assert(
      fc.property(histories, histories, (before, during) => {
        const machine = run(before);
        const plain = run(before);
        const expected = bytesOf(machine);
        const snapshot = machine.snapshot();
        for (const step of during) {
          const entry = entryOf(step, machine.tables);
          expect(applyEntry(machine, entry)).toEqual(applyEntry(plain, entry));
        }
        expect(Buffer.compare(Buffer.concat([...snapshot.pieces()]), expected)).toBe(0);
        expect(machine.digest(testHash)).toBe(plain.digest(testHash));
        snapshot.release();
        expect(machine.digest(testHash)).toBe(plain.digest(testHash));
      }),
      { numRuns: 40 },
    );
  });

  test("a damaged snapshot is refused with a code or is another valid state", () => {
    fc.assert(
      fc.property(histories, damages, (steps, damage) => {
        const bytes = damage(bytesOf(run(steps)));
        try {
          restored(bytes, 500, options);
        } catch (error) {
          if (!(error instanceof QuorateError)) throw error;
          expect(error.code).toBe("QUORATE_STATE_SNAPSHOT_DAMAGED");
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("invariants", () => {
  test("hold after every entry of random histories", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const holders: Holders = new Map();
        run(steps, ({ tables }) => {
          expect(violations(tables, holders, bounds)).toEqual([]);
        });
      }),
      { numRuns: 120 },
    );
  });

  test("the histories reach the interesting states", () => {
    const reached = new Set<string>();
    for (const steps of fc.sample(histories, { numRuns: 150, seed: 1 })) {
      run(steps, ({ tables }) => {
        for (const row of tables.assignments()) {
          reached.add(row.assignment.state);
          if (row.epoch > 1) reached.add("second epoch");
        }
        if (tables.resources().length > 1) reached.add("versions");
        if (tables.kvList("once/").length > 0) reached.add("requests");
        for (const { kind } of tables.events()) reached.add(kind);
      });
    }
    const wanted = ["pending", "assigned", "revoking", "stopped", "second epoch", "versions"];
    const events = [
      "SessionExpired",
      "AssignmentLost",
      "AssignmentReleased",
      "RevocationCancelled",
    ];
    const rest = ["requests", "JobDeleted", "JobFinished", "VersionDeleted", "UploadAborted"];
    expect([...reached]).toEqual(expect.arrayContaining([...wanted, ...events, ...rest]));
  });

  test("the checker finds violations", () => {
    const f = new Fixture().cluster(1);
    const owner = f.register("s1");
    const jobId = f.running("a", owner);
    const { tables } = f;
    const seen = (fake: Partial<StateReader>, holders: Holders = new Map()) => {
      const reader = new Proxy(tables, {
        get: (target, name) => {
          const own: unknown = Reflect.get(fake, name);
          const real: unknown = own ?? Reflect.get(target, name, target);
          return typeof real === "function" ? (real.bind(target) as unknown) : real;
        },
      });
      return violations(reader, holders, bounds).join();
    };
    const row = f.row(jobId);
    const [job] = tables.jobs();
    if (job === undefined) throw new Error("no job");
    expect(seen({})).toBe("");
    expect(seen({ session: () => undefined })).toContain("owner has ended");
    expect(seen({}, new Map([[jobId, { epoch: 2, session: 1 }]]))).toContain("epoch went back");
    const stranger = sessionId(77);
    expect(seen({}, new Map([[jobId, { epoch: 1, session: stranger }]]))).toContain("two owners");
    expect(seen({ job: () => ({ ...job, desired: "stopped" }) })).toContain("assigned and not");
    expect(seen({ jobs: () => [] })).toContain("jobs and assignments differ");
    expect(seen({ jobs: () => [job, job] })).toContain("two jobs with one name");
    expect(seen({ assignments: () => [row, row] })).toContain("jobs and assignments differ");
    expect(seen({ neededDigests: () => ["x"] })).toContain("needed digests");
    expect(seen({ liveDigests: () => ["x"] })).toContain("live digests");
    const none = { voters: [], learners: [], votersOutgoing: [] };
    expect(seen({ membership: none })).toContain("a wrong role");
    const revision = row.modifiedRevision;
    const twice = {
      key: "once/1/1",
      value: new Uint8Array(),
      createdRevision: revision,
      modifiedRevision: revision,
      version: 2,
    };
    expect(seen({ kvList: () => [twice] })).toContain("executed twice");
    const [event] = tables.events();
    if (event === undefined) throw new Error("no event");
    expect(seen({ events: () => Array.from({ length: 99 }, () => event) })).toContain(
      "one subject",
    );
    expect(
      seen({ stats: () => ({ ...tables.stats(), events: 99, clientSessions: 99 }) }),
    ).toContain("too many events,too many client sessions");
  });
});

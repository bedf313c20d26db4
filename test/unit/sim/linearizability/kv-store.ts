// The key-value corner as it is, for one key: with real revisions. The checker's model knows only what clients saw.
import fc from "fast-check";
import { defined } from "../../../../src/base/assert.ts";
import type { Operation } from "../../../sim/checkers/linearizability/model.ts";
import type {
  KvCondition,
  KvInput,
  KvOutput,
} from "../../../sim/checkers/linearizability/models/kv-corner.ts";
import { latest } from "./histories.ts";

export interface Stored {
  readonly row: Extract<KvOutput, { kind: "row" }> | undefined;
  /** Of the last entry that touched the key. */
  readonly last: number;
}

export const nothingStored: Stored = { row: undefined, last: 0 };

function holds(condition: KvCondition, { row }: Stored): boolean {
  if (condition.kind === "absent") return row === undefined;
  if (condition.kind === "revision") return row?.modifiedRevision === condition.revision;
  return condition.kind === "none" || row?.value === condition.value;
}

/** Carries one operation out, at `revision` if it writes. */
function carryOut(stored: Stored, input: KvInput, revision: number): [Stored, KvOutput] {
  const { row, last } = stored;
  if (input.kind === "get") return [stored, row ?? { kind: "absent" }];
  if (!holds(input.condition, stored)) {
    return [
      { row, last },
      { kind: "refused", revision: row?.modifiedRevision ?? 0 },
    ];
  }
  if (input.kind === "delete") {
    const existed = row !== undefined;
    return [
      { row: undefined, last: revision },
      { kind: "deleted", revision, existed },
    ];
  }
  const version = (row?.version ?? 0) + 1;
  const createdRevision = row?.createdRevision ?? revision;
  const { value } = input;
  return [
    {
      row: { kind: "row", value, createdRevision, modifiedRevision: revision, version },
      last: revision,
    },
    { kind: "put", revision, version },
  ];
}

/** By definition: every revision that the operation may have had is tried. */
export function stepsOf(revisionMax: number) {
  return (stored: Stored, input: KvInput, output: KvOutput | undefined): Stored[] => {
    const steps: Stored[] = [];
    for (let revision = stored.last + 1; revision <= revisionMax; revision += 1) {
      const [next, answer] = carryOut(stored, input, revision);
      if (output === undefined || isAnswer(output, answer)) steps.push(next);
      if (next.last === stored.last) break;
    }
    return steps;
  };
}

const isAnswer = (seen: KvOutput, given: KvOutput): boolean =>
  seen.kind === given.kind &&
  Object.entries(seen).every(([name, value]) => new Map(Object.entries(given)).get(name) === value);

const small = fc.integer({ min: 1, max: 6 });
const value = fc.constantFrom("a", "b", "c", "d");
const condition = fc.oneof(
  fc.constant<KvCondition>({ kind: "none" }),
  fc.constant<KvCondition>({ kind: "none" }),
  fc.constant<KvCondition>({ kind: "absent" }),
  fc.record({ kind: fc.constant("revision" as const), revision: small }),
  fc.record({ kind: fc.constant("value" as const), value }),
);
const input: fc.Arbitrary<KvInput> = fc.oneof(
  fc.constant<KvInput>({ kind: "get" }),
  fc.record({ kind: fc.constant("put" as const), value, condition }),
  fc.record({ kind: fc.constant("delete" as const), condition }),
);

const planned = fc.record({
  input,
  calledAt: fc.integer({ min: 0, max: latest }),
  /** From the call to the effect, and from there to the return. */
  until: fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 })),
  fate: fc.constantFrom("answered", "answered", "answered", "lost", "never"),
  /** Entries of other keys in between. */
  gap: fc.integer({ min: 1, max: 2 }),
  isRevisionTold: fc.boolean(),
});
type Planned = typeof planned extends fc.Arbitrary<infer Plan> ? Plan : never;

function execute(plans: readonly Planned[]): Operation<KvInput, KvOutput>[] {
  const effectAt = ({ calledAt, until: [effect] }: Planned): number => calledAt + effect;
  const inOrder = [...plans].sort((a, b) => effectAt(a) - effectAt(b));
  let stored = nothingStored;
  let revision = 0;
  return inOrder.map((plan, client) => {
    const operation = {
      client: String(client),
      key: "k",
      input: plan.input,
      calledAt: plan.calledAt,
    };
    let output: KvOutput | undefined;
    if (plan.fate !== "never") {
      revision += plan.gap;
      [stored, output] = carryOut(stored, plan.input, revision);
    }
    if (plan.fate !== "answered") return { ...operation, output: undefined, returnedAt: Infinity };
    if (output?.kind === "refused" && !plan.isRevisionTold) output = { kind: "refused" };
    return { ...operation, output, returnedAt: effectAt(plan) + plan.until[1] };
  });
}

/** What really happened, as clients saw it. */
export const trueHistory: fc.Arbitrary<Operation<KvInput, KvOutput>[]> = fc
  .array(planned, { minLength: 2, maxLength: 5 })
  .map(execute);

/** With one number or value of one answer changed. */
export const doctoredHistory: fc.Arbitrary<Operation<KvInput, KvOutput>[]> = fc
  .tuple(trueHistory, fc.nat(), fc.nat(), fc.constantFrom(-1, 1))
  .map(([operations, at, field, by]) => {
    const answered = operations.filter(({ output }) => output !== undefined);
    const chosen = answered[at % Math.max(1, answered.length)];
    if (chosen === undefined) return operations;
    return operations.map((operation) =>
      operation === chosen
        ? { ...operation, output: doctored(defined(chosen.output, "an answer"), field, by) }
        : operation,
    );
  });

function doctored(output: KvOutput, field: number, by: number): KvOutput {
  const names = Object.keys(output).filter((name) => name !== "kind");
  const name = names[field % Math.max(1, names.length)];
  if (name === undefined) return output;
  const changed = Object.entries(output).map(([key, seen]: [string, string | number | boolean]) => {
    if (key !== name) return [key, seen] as const;
    if (typeof seen === "number") return [key, seen + by] as const;
    return [key, typeof seen === "boolean" ? !seen : "b"] as const;
  });
  return Object.fromEntries(changed) as unknown as KvOutput;
}

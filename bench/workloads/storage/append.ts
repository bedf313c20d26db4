// Synced appends to the log: what checksums, the chain and two copies of the state cost beside LevelDB alone and beside a
// file. All three in one run and in short turns, because a disk that is shared changes from second to second; each turn is
// compared with those of its own round.
import { randomFillSync } from "node:crypto";
import { withScratch } from "../../lib/scratch.ts";
import { percentile } from "../../lib/stats.ts";
import { type Contender, type ContenderName, contenderNames, openContender } from "./contenders.ts";
import { hundredth, type PartReport, type Progress, wait } from "./parts.ts";

export interface AppendOptions {
  /** Turns of each contender at each batch size; multiples of six see every order equally often. */
  readonly appendTurns: number;
  readonly progress: Progress;
}

/** What the product promises, at every batch size. */
const ratioToLevelGoal = 0.85;
const batchSizes = [1, 16, 64, 256, 1024];
const valueBytes = 256;
/** Different values, used over and over: nothing here compresses. */
const valuesKept = 1024;
/** Short, so that the turns of one round meet the same disk. */
const turnMs = 100;
/** Before each turn, so that what the one before left to be merged falls into nobody's time. */
const settleMs = 20;

/** Entries per second of one turn of each. */
export type Round = Readonly<Record<ContenderName, number>>;

export interface AppendResult {
  readonly batch: number;
  /** Medians of the rounds. */
  readonly perSecond: Round;
  /** Medians of the ratios within one round. */
  readonly ratioToLevel: number;
  readonly ratioToFile: number;
  /** Of the means of all turns, which contain every stall. */
  readonly ratioOfMeans: number;
  readonly rounds: readonly Round[];
}

/** Each of the six orders in six rounds: whoever comes after a costly neighbour is not always the same. */
export function orderOf(round: number): readonly ContenderName[] {
  const shift = Math.floor(round / 2) % contenderNames.length;
  const turned = [...contenderNames.slice(shift), ...contenderNames.slice(0, shift)];
  return round % 2 === 0 ? turned : turned.reverse();
}

export function resultOf(batch: number, rounds: readonly Round[]): AppendResult {
  const sum = (name: ContenderName): number => rounds.reduce((all, each) => all + each[name], 0);
  const median = (pick: (round: Round) => number): number => percentile(rounds.map(pick), 0.5);
  return {
    batch,
    perSecond: {
      ours: Math.round(median(({ ours }) => ours)),
      level: Math.round(median(({ level }) => level)),
      file: Math.round(median(({ file }) => file)),
    },
    ratioToLevel: hundredth(median(({ ours, level }) => ours / level)),
    ratioToFile: hundredth(median(({ ours, file }) => ours / file)),
    ratioOfMeans: hundredth(sum("ours") / Math.max(1, sum("level"))),
    rounds,
  };
}

export function appendHolds(results: readonly AppendResult[]): boolean {
  return (
    results.length > 0 && results.every(({ ratioToLevel }) => ratioToLevel >= ratioToLevelGoal)
  );
}

function makeValues(): readonly Uint8Array[] {
  return Array.from({ length: valuesKept }, () =>
    randomFillSync(Buffer.allocUnsafeSlow(valueBytes)),
  );
}

/** Appends for `turnMs`; entries per second. */
async function turn(contender: Contender, values: readonly Uint8Array[]): Promise<number> {
  await wait(settleMs);
  const beganMs = performance.now();
  let entries = 0;
  while (performance.now() - beganMs < turnMs) {
    await contender.append(values);
    entries += values.length;
  }
  return (entries * 1000) / (performance.now() - beganMs);
}

type Field = Readonly<Record<ContenderName, Contender>>;

async function roundOf(
  field: Field,
  order: readonly ContenderName[],
  values: readonly Uint8Array[],
): Promise<Round> {
  const round = { ours: 0, level: 0, file: 0 };
  for (const name of order) round[name] = await turn(field[name], values);
  return round;
}

async function measure(batch: number, turns: number): Promise<AppendResult> {
  const values = makeValues().slice(0, batch);
  return await withScratch(async (directory) => {
    const field = {
      ours: await openContender("ours", directory),
      level: await openContender("level", directory),
      file: await openContender("file", directory),
    };
    try {
      // Warm-up: files are created, code is compiled.
      await roundOf(field, contenderNames, values);
      const rounds: Round[] = [];
      for (let i = 0; i < turns; i += 1) rounds.push(await roundOf(field, orderOf(i), values));
      return resultOf(batch, rounds);
    } finally {
      for (const name of contenderNames) await field[name].close();
    }
  });
}

function describe({ batch, perSecond, ratioToLevel }: AppendResult): string {
  return `${String(batch)}: ${String(perSecond.ours)}/s (${String(ratioToLevel)} of level's ${String(perSecond.level)}, file ${String(perSecond.file)})`;
}

export async function append({ appendTurns, progress }: AppendOptions): Promise<PartReport> {
  const results: AppendResult[] = [];
  for (const batch of batchSizes) {
    const result = await measure(batch, appendTurns);
    results.push(result);
    progress(`append, batches of ${describe(result)}`);
  }
  return {
    part: "append",
    headline: `synced appends of ${String(valueBytes)} B entries by batch size: ${results.map(describe).join("; ")} (medians of ${String(appendTurns)} rounds)`,
    data: { valueBytes, turnMs, appendTurns, results, goals: { ratioToLevel: ratioToLevelGoal } },
    holds: appendHolds(results),
  };
}

// `npm run sim`: plays seeds and says for each whether everything that must hold held.
import { writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { QuorateError } from "../../src/base/errors.ts";
import { loadHash64 } from "../../src/server/system/hash.ts";
import { simErrors } from "./errors.ts";
import type { Mutation } from "./mutations/mutation.ts";
import { runMutations, writeMutations } from "./mutations/run.ts";
import { mutations } from "./mutations/table.ts";
import { readOptions, type SimOptions } from "./options.ts";
import { closingLine, failureLines, reportOf, seedLine } from "./report.ts";
import { runOnce, runSeed, type SeedResult } from "./run-seed.ts";

async function playSeeds(options: SimOptions): Promise<boolean> {
  const hash = await loadHash64();
  const startMs = performance.now();
  const untilMs = startMs + (options.minutes ?? Infinity) * 60_000;
  const results: SeedResult[] = [];
  const play = options.once ? runOnce : runSeed;
  const safetyMs = options.seconds * 1000;
  for (let seed = options.from; seed < options.from + options.seeds; seed += 1) {
    if (performance.now() > untilMs) break;
    const result = await play({ seed, servers: options.servers, safetyMs }, { hash });
    results.push(result);
    console.log(seedLine(result));
    for (const line of failureLines(result, options)) console.log(line);
    if (!result.ok && options.failFast) break;
  }
  const report = reportOf(results, (performance.now() - startMs) / 1000);
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  }
  const { seedsPerMinute, events, faults, commits } = report.summary;
  console.log(
    `${seedsPerMinute} seeds per minute; per seed ${Math.round(events / results.length)} events, ${Math.round(commits / results.length)} commits, ${Math.round(faults / results.length)} faults`,
  );
  console.log(closingLine(results));
  return results.every(({ ok }) => ok);
}

const mutationSeedsDefault = 200;

function chosenMutations({ mutation }: SimOptions): readonly Mutation[] {
  if (mutation === undefined) return mutations;
  const chosen = mutations.filter(({ name }) => name === mutation);
  if (chosen.length > 0) return chosen;
  throw simErrors.BAD_OPTION(`test/sim/mutations/table.ts has no "${mutation}"`);
}

async function playMutations(options: SimOptions): Promise<boolean> {
  const { from, seconds, json } = options;
  const seedsMax = options.seeds > 1 ? options.seeds : mutationSeedsDefault;
  const print = (line: string): void => {
    console.log(line);
  };
  const results = await runMutations(chosenMutations(options), { seedsMax, from, seconds, print });
  if (json !== undefined) writeMutations(json, results);
  const missed = results.filter(({ verdict }) => verdict !== "caught").length;
  console.log(`${results.length - missed} passed, ${missed} failed`);
  return missed === 0;
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) return 0;
  if (options.mutations) return (await playMutations(options)) ? 0 : 1;
  return (await playSeeds(options)) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (thrown) {
  if (!(thrown instanceof QuorateError)) throw thrown;
  console.error(`${thrown.code}: ${thrown.message}\n${thrown.help}`);
  process.exitCode = 2;
}

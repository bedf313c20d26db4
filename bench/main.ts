// `npm run bench`: with no words, the two numbers that matter. With the names of workloads (bench/README.md) it runs those
// with their own settings; `--json FILE` writes everything for a script. Exit code 0 = all that must hold held, 1 = it did
// not, 2 = the command line is wrong.
import { writeFileSync } from "node:fs";
import { QuorateError } from "../src/base/errors.ts";
import { endTidily } from "./lib/cleanup.ts";
import { ensureProgram } from "./lib/local-cluster.ts";
import { environment, type WorkloadReport } from "./lib/report.ts";
import { type BenchOptions, readOptions, type WorkloadName } from "./options.ts";
import { catchUp } from "./workloads/catch-up.ts";
import { failover } from "./workloads/failover.ts";
import { propose } from "./workloads/propose.ts";
import { rebalance } from "./workloads/rebalance.ts";
import { restart } from "./workloads/restart.ts";
import { storage } from "./workloads/storage.ts";

/** What runs when nothing is asked for. */
const theTwoNumbers: readonly WorkloadName[] = ["rebalance", "propose"];

function progress(text: string): void {
  process.stderr.write(`  ${text}\n`);
}

type Workloads = Readonly<Record<WorkloadName, () => Promise<WorkloadReport>>>;

function workloadsOf(options: BenchOptions): Workloads {
  const asked = { ...options, progress };
  return {
    rebalance: () => rebalance(asked),
    propose: () => propose(asked),
    failover: () => failover(asked),
    "catch-up": () => catchUp(asked),
    restart: () => restart(asked),
    storage: () => storage(asked),
  };
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) return 0;
  const { json } = options;
  const workloads = workloadsOf(options);
  ensureProgram();
  endTidily();
  const reports: WorkloadReport[] = [];
  for (const name of options.workloads.length === 0 ? theTwoNumbers : options.workloads) {
    process.stderr.write(`${name}\n`);
    reports.push(await workloads[name]());
  }
  for (const { headline } of reports) process.stdout.write(`${headline}\n`);
  if (json !== undefined) {
    writeFileSync(json, `${JSON.stringify({ environment: environment(), reports }, null, 2)}\n`);
  }
  return reports.every(({ holds }) => holds) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (thrown) {
  if (!(thrown instanceof QuorateError) || thrown.code !== "QUORATE_BENCH_BAD_OPTION") throw thrown;
  process.stderr.write(`${thrown.code}: ${thrown.message}\n${thrown.help}\n`);
  process.exitCode = 2;
}

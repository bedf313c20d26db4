// `npm run bench`: with no words, the two numbers that matter. `npm run bench -- rebalance|propose` runs one workload
// with its own settings; `--json FILE` writes everything for a script.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ensureBuilt } from "../test/support/build.ts";
import { environment, type WorkloadReport } from "./lib/report.ts";
import { propose } from "./workloads/propose.ts";
import { rebalance } from "./workloads/rebalance.ts";

const leases = ["fast", "default", "relaxed"] as const;

function readArguments() {
  return parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "string" },
      servers: { type: "string", default: "3" },
      jobs: { type: "string", default: "12" },
      lease: { type: "string", default: "default" },
      repeat: { type: "string", default: "6" },
      clients: { type: "string", default: "64" },
      seconds: { type: "string", default: "10" },
    },
  });
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} must be a whole number above 0, not "${text}"`);
  return value;
}

type Values = ReturnType<typeof readArguments>["values"];

function workloads(values: Values): Readonly<Record<string, () => Promise<WorkloadReport>>> {
  const progress = (text: string): void => {
    process.stderr.write(`  ${text}\n`);
  };
  const servers = count("servers", values.servers);
  const lease = leases.find((name) => name === values.lease);
  if (lease === undefined) throw new Error(`--lease must be one of ${leases.join(", ")}`);
  const jobs = count("jobs", values.jobs);
  const repeat = count("repeat", values.repeat);
  const clients = count("clients", values.clients);
  const seconds = count("seconds", values.seconds);
  return {
    rebalance: () => rebalance({ servers, jobs, lease, repeat, progress }),
    propose: () => propose({ servers, clients, seconds, progress }),
  };
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  const known = workloads(values);
  const chosen = positionals.length === 0 ? Object.keys(known) : positionals;
  ensureBuilt();
  const reports: WorkloadReport[] = [];
  for (const name of chosen) {
    const run = known[name];
    if (run === undefined)
      throw new Error(
        `there is no workload "${name}": choose from ${Object.keys(known).join(", ")}`,
      );
    process.stderr.write(`${name}\n`);
    reports.push(await run());
  }
  for (const { headline } of reports) process.stdout.write(`${headline}\n`);
  if (values.json !== undefined) {
    writeFileSync(
      values.json,
      `${JSON.stringify({ environment: environment(), reports }, null, 2)}\n`,
    );
  }
  process.exitCode = reports.every(({ holds }) => holds) ? 0 : 1;
}

await main();

import type { Command } from "commander";
import type { QuorateClient } from "../../client/quorate-client.ts";
import type { CliContext } from "../context.ts";
import { noun, type Runner, verb } from "../run.ts";

type Ring = Awaited<ReturnType<QuorateClient["jobs"]["ring"]>>;

const ppm = 1_000_000;
const barChars = 30;

/** The share of the ring as a length, relative to the largest share. */
function bar(share: number, largest: number): string {
  return largest === 0 ? "" : "#".repeat(Math.max(1, Math.round((share / largest) * barChars)));
}

const percent = (share: number): string => `${((share / ppm) * 100).toFixed(1)} %`;

async function showServers(context: CliContext, { servers }: Ring): Promise<void> {
  const largest = Math.max(0, ...servers.map(({ ringSharePpm }) => ringSharePpm));
  await context.table({
    head: ["SERVER", "ELIGIBLE", "SLOTS", "LOAD", "QUOTA", "RING", "SHARE"],
    rows: servers.map((server) => [
      server.serverId,
      server.eligible,
      server.capacity,
      server.load,
      server.quota,
      percent(server.ringSharePpm),
      bar(server.ringSharePpm, largest),
    ]),
    right: [2, 3, 4, 5],
  });
}

async function showJobs(context: CliContext, { jobs }: Ring): Promise<void> {
  await context.table({
    head: ["JOB", "NAME", "STATE", "OWNER", "HOME", "EPOCH"],
    rows: jobs.map(({ jobId, name, state, owner, home, epoch }) => [
      jobId,
      name,
      state,
      owner,
      home,
      epoch,
    ]),
    right: [5],
  });
}

async function show(context: CliContext): Promise<void> {
  const { jobs } = await context.client();
  const ring = await jobs.ring();
  if (context.isJson) {
    await context.document(ring);
    return;
  }
  await showServers(context, ring);
  if (ring.jobs.length > 0) {
    await context.line("");
    await showJobs(context, ring);
  }
  await context.line(`\nmax − min: ${String(ring.maxMinusMin)}`);
}

export function ringCommand(run: Runner): Command {
  return noun("ring", "the consistent-hash ring and the table made from it", [
    verb(
      {
        name: "show",
        text: "show each server's load, quota and share, and each job's owner and home",
        examples: [
          ["quorate ring show", "Is the load even? The last line is the largest difference."],
          ["quorate ring show -o json", "The assignment table for a script."],
        ],
        action: show,
      },
      run,
    ),
  ]);
}

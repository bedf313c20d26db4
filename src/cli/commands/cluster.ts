import type { Command } from "commander";
import { QuorateError } from "../../base/errors.ts";
import type { CliClient } from "../client.ts";
import type { CliContext } from "../context.ts";
import { duration } from "../duration.ts";
import { cliErrors } from "../errors.ts";
import { type Health, healthOf, type ServerView } from "../health.ts";
import { noun, type Runner, verb } from "../run.ts";
import type { Cell } from "../table.ts";

/** A server that does not answer must not keep the others' answers from being shown. */
const statusDeadlineMs = 2000;
const listDeadlineMs = 3000;

interface Target {
  readonly serverId: string;
  readonly address: string;
}

interface Asked {
  readonly targets: readonly Target[];
  /** Why the members are not known. */
  readonly silence: QuorateError | undefined;
}

/**
 * The members as the cluster knows them; when it cannot say, the servers whose addresses were given: in an incident
 * each can still speak for itself.
 */
async function targets(context: CliContext, client: CliClient): Promise<Asked> {
  try {
    const { servers } = await client.servers.list({ deadlineMs: listDeadlineMs });
    return {
      targets: servers.map(({ serverId, grpcAddress }) => ({ serverId, address: grpcAddress })),
      silence: undefined,
    };
  } catch (error) {
    if (!(error instanceof QuorateError) || error.kind !== "unavailable") throw error;
    const given = context.settings.addresses.map((address) => ({ serverId: address, address }));
    return { targets: given, silence: error };
  }
}

async function ask(client: CliClient, { serverId, address }: Target): Promise<ServerView> {
  try {
    const status = await client.cluster.status(address, { deadlineMs: statusDeadlineMs });
    return { serverId: status.serverId, status };
  } catch (error) {
    if (error instanceof QuorateError) return { serverId, status: undefined };
    throw error;
  }
}

/** Jobs that each server holds; undefined when nobody can tell now. */
async function jobsByOwner(client: CliClient): Promise<ReadonlyMap<string, number> | undefined> {
  try {
    const { jobs } = await client.jobs.ring({ deadlineMs: statusDeadlineMs });
    const counts = new Map<string, number>();
    for (const { owner } of jobs) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    return counts;
  } catch (error) {
    if (error instanceof QuorateError) return undefined;
    throw error;
  }
}

interface Picture {
  readonly views: readonly ServerView[];
  readonly jobs: ReadonlyMap<string, number> | undefined;
  /** The highest commit index that any server told. */
  readonly commit: number;
}

function row({ serverId, status }: ServerView, { jobs, commit }: Picture): readonly Cell[] {
  const held = jobs === undefined ? "-" : (jobs.get(serverId) ?? 0);
  if (status === undefined) return [serverId, "no answer", "", "", "", "", "", held, "", ""];
  const { role, leaderId, term, commitIndex, appliedIndex, fencing, uptimeMs } = status;
  const lag = Math.max(0, commit - appliedIndex);
  return [
    serverId,
    role,
    leaderId,
    term,
    commitIndex,
    appliedIndex,
    lag,
    held,
    fencing,
    duration(uptimeMs),
  ];
}

async function print(context: CliContext, picture: Picture, health: Health): Promise<void> {
  if (context.isJson) {
    const { views, jobs } = picture;
    const servers = views.map(({ serverId, status }) => ({
      serverId,
      isAnswering: status !== undefined,
      jobsHeld: jobs?.get(serverId) ?? (jobs === undefined ? null : 0),
      status: status ?? null,
    }));
    await context.document({ servers, health });
    return;
  }
  await context.table({
    head: ["ID", "ROLE", "LEADER", "TERM", "COMMIT", "APPLIED", "LAG", "JOBS", "FENCING", "UPTIME"],
    rows: picture.views.map((view) => row(view, picture)),
    right: [3, 4, 5, 6, 7, 9],
  });
  const { green, yellow, red } = await context.colours();
  const colour = { healthy: green, degraded: yellow, "no-quorum": red }[health.level];
  await context.line(`\n${colour(health.text)}`);
  for (const warning of health.warnings) await context.say(`warning: ${warning}`);
}

async function status(context: CliContext): Promise<void> {
  const client = await context.client();
  const { targets: asked, silence } = await targets(context, client);
  const [views, jobs] = await Promise.all([
    Promise.all(asked.map((target) => ask(client, target))),
    jobsByOwner(client),
  ]);
  if (silence !== undefined && views.every((view) => view.status === undefined)) throw silence;
  const commit = Math.max(0, ...views.map((view) => view.status?.commitIndex ?? 0));
  const health = healthOf(views);
  await print(context, { views, jobs, commit }, health);
  if (health.level === "no-quorum") throw cliErrors.NO_QUORUM(health.text);
}

export function clusterCommand(run: Runner): Command {
  return noun("cluster", "the cluster as a whole", [
    verb(
      {
        name: "status",
        text: "ask every server for its view and say whether the cluster is healthy (exit 3 without a quorum)",
        examples: [
          ["quorate cluster status", "Who leads, who lags, how many servers may fail."],
          [
            "quorate --addr 10.0.0.1:7471,10.0.0.2:7471 cluster status -o json",
            "The first server that answers names the others.",
          ],
        ],
        action: status,
      },
      run,
    ),
  ]);
}

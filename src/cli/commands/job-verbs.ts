import type { QuorateClient } from "../../client/quorate-client.ts";
import type { CliContext } from "../context.ts";
import { timeText } from "../duration.ts";
import type { Input } from "../run.ts";
import type { TableSource } from "../table.ts";

type Job = Awaited<ReturnType<QuorateClient["jobs"]["list"]>>[number];

export interface ReasonFlags {
  readonly reason?: string;
}

const fullName = ({ namespace, name }: Job): string => `${namespace}/${name}`;
const phaseOf = ({ run }: Job): string => (run === null || run.phase === "none" ? "" : run.phase);

function jobTable(jobs: readonly Job[]): TableSource {
  return {
    head: ["NAME", "ID", "DESIRED", "STATE", "OWNER", "RUN", "RESTARTS", "EPOCH", "REASON"],
    rows: jobs.map((job) => [
      fullName(job),
      job.jobId,
      job.desired,
      job.state,
      job.nextOwner === "" ? job.owner : `${job.owner}→${job.nextOwner}`,
      phaseOf(job),
      job.run?.restarts ?? 0,
      job.epoch,
      job.reason,
    ]),
    right: [6, 7],
  };
}

export async function list(context: CliContext): Promise<void> {
  const client = await context.client();
  const jobs = await client.jobs.list();
  await context.answer({ jobs }, () => jobTable(jobs));
}

export async function status(context: CliContext, { words }: Input): Promise<void> {
  const { jobs } = await context.client();
  const answer = await jobs.get(words[0] ?? "");
  if (context.isJson) {
    await context.document(answer);
    return;
  }
  const { job, events } = answer;
  await context.table(jobTable([job]));
  const { run } = job;
  if (run !== null && run.message !== "") await context.say(`last report: ${run.message}`);
  if (events.length === 0) return;
  await context.line("");
  await context.table({
    head: ["TIME", "REVISION", "EVENT", "ACTOR", "DETAIL"],
    rows: events.map(({ atMs, revision, kind, actor, detail }) => [
      timeText(atMs),
      revision,
      kind,
      actor,
      detail,
    ]),
    right: [1],
  });
}

/** What a job shall do: durable when it returns, fulfilled a little later. */
export function wish(
  name: "stop" | "start" | "delete",
): (context: CliContext, input: Input<ReasonFlags>) => Promise<void> {
  return async (context, { words, flags }) => {
    const [job = ""] = words;
    const { jobs } = await context.client();
    const { revision } = await jobs[name](job, { reason: flags.reason ?? "" });
    await context.answer({ job, revision }, () => ({
      head: ["JOB", "REVISION"],
      rows: [[job, revision]],
      right: [1],
    }));
  };
}

// What the views of several servers, taken together, say about the cluster: one sentence for a tired person.
import type { QuorateClient } from "../client/quorate-client.ts";

export type ServerStatus = Awaited<ReturnType<QuorateClient["cluster"]["status"]>>;

export interface ServerView {
  readonly serverId: string;
  /** Undefined when the server did not answer. */
  readonly status: ServerStatus | undefined;
}

export interface Health {
  readonly level: "healthy" | "degraded" | "no-quorum";
  readonly failuresTolerated: number;
  readonly text: string;
  readonly warnings: readonly string[];
}

const servers = (count: number): string => `${String(count)} more server${count === 1 ? "" : "s"}`;

/** The leader's view counts: it alone knows who answers. */
function leading(views: readonly ServerView[]): ServerStatus | undefined {
  const leaders = views.flatMap(({ status }) => (status?.role === "leader" ? [status] : []));
  return leaders.sort((a, b) => b.term - a.term)[0];
}

function warningsOf(views: readonly ServerView[]): readonly string[] {
  const bestEffort = views.filter(({ status }) => status?.fencing === "process-group");
  if (bestEffort.length === 0) return [];
  const names = bestEffort.map(({ serverId }) => serverId).join(", ");
  return [
    `fencing is best effort on ${names} (process-group): a process that leaves its job's process group is not killed with the job; delegate a cgroup to the server to fence whole jobs`,
  ];
}

/** Health of the cluster from what each server says about itself. */
export function healthOf(views: readonly ServerView[]): Health {
  const warnings = warningsOf(views);
  const silent = views.filter(({ status }) => status === undefined).map((view) => view.serverId);
  const told = views.find(({ status }) => status !== undefined)?.status;
  const leader = leading(views);
  const status = leader ?? told;
  const isLost = status === undefined || status.leaderId === "" || status.failuresTolerated < 0;
  if (isLost) {
    const voters = status === undefined ? "" : ` of ${String(status.voters)}`;
    const text = `no quorum: nothing can be decided until a majority${voters} voters is up`;
    return { level: "no-quorum", failuresTolerated: -1, text, warnings };
  }
  const { failuresTolerated, voters } = status;
  const may =
    failuresTolerated > 0
      ? `${servers(failuresTolerated)} may fail`
      : voters === 1
        ? "a cluster of one: no server may fail"
        : "no further server may fail";
  if (silent.length > 0) {
    const text = `degraded: ${silent.join(", ")} ${silent.length === 1 ? "does" : "do"} not answer; ${may}`;
    return { level: "degraded", failuresTolerated, text, warnings };
  }
  const isDegraded = failuresTolerated === 0 && voters > 2;
  const level = isDegraded ? "degraded" : "healthy";
  return { level, failuresTolerated, text: `${level}, ${may}`, warnings };
}

// Why a job is where it is, and what would move it: the question of a person who expected something else.
import { planBalance } from "./balance.ts";
import { placeNew, planRepair } from "./place.ts";
import { preferenceList } from "./preference.ts";
import { buildRing } from "./ring.ts";
import { loadsOf, withMoves } from "./table.ts";
import type {
  ExplainedPreference,
  ExplainReason,
  Explanation,
  PlacementInput,
  PlacementJob,
} from "./types.ts";

/** Length of the preference list that `explain` shows. */
export const explainedPreferencesMax = 16;

/**
 * Explains `job`; one that is not in `input.jobs` is explained as if it were submitted now. Costs as
 * much as a repair and a balance.
 */
export function explain(input: PlacementInput, job: PlacementJob): Explanation {
  const isKnown = input.jobs.some(({ id }) => id === job.id);
  const table = isKnown ? input : { ...input, jobs: [...input.jobs, job], index: undefined };
  const repair = isKnown ? planRepair(input) : placeNew(input, job);
  const balance = planBalance(withMoves(table, repair), { movesMax: Infinity });
  const next = [...balance.moves, ...repair.moves].find((move) => move.job === job.id)?.to;

  const loads = loadsOf(input);
  const ring = input.ring ?? buildRing(input.servers);
  const eligible = new Set(input.servers.filter((server) => server.eligible).map(({ id }) => id));
  const preferences = preferenceList(ring, job.position, {
    serversMax: ring.serverIds.length,
    admits: () => true,
  }).map((index): ExplainedPreference => {
    const server = ring.serverIds[index] ?? "";
    return {
      server,
      eligible: eligible.has(server),
      load: loads.get(server) ?? 0,
      quota: balance.quotas.get(server) ?? 0,
    };
  });
  const home = preferences.find((preference) => preference.eligible)?.server;
  const roomy = preferences.find((entry) => entry.eligible && entry.load < entry.quota)?.server;
  const reason = reasonOf(job, { home, next, preferences, eligible });
  return {
    job: job.id,
    owner: job.owner,
    home,
    preferences: preferences.slice(0, explainedPreferencesMax),
    reason,
    text: sentence(reason, { owner: job.owner ?? "", roomy: roomy ?? "", next }),
    next,
  };
}

interface Findings {
  readonly home: string | undefined;
  readonly next: string | undefined;
  readonly preferences: readonly ExplainedPreference[];
  readonly eligible: ReadonlySet<string>;
}

function reasonOf(job: PlacementJob, findings: Findings): ExplainReason {
  const { home, next, preferences, eligible } = findings;
  if (job.owner === undefined) return "orphan";
  if (!job.movable) return "fixed";
  if (!eligible.has(job.owner)) return "owner-not-eligible";
  if (next !== undefined) return "surplus";
  if (job.owner === home) return "at-home";
  const preferred = preferences.slice(
    0,
    preferences.findIndex(({ server }) => server === job.owner),
  );
  const hasRoom = preferred.some((server) => server.eligible && server.load < server.quota);
  return hasRoom ? "sticky" : "preferred-full";
}

interface Named {
  readonly owner: string;
  /** The first preference with room. */
  readonly roomy: string;
  readonly next: string | undefined;
}

function sentence(reason: ExplainReason, { owner, roomy, next }: Named): string {
  switch (reason) {
    case "orphan":
      return next === undefined
        ? "It has no owner, and no server may receive jobs."
        : `It has no owner; the next repair places it on ${next}.`;
    case "fixed":
      return `It stays counted on ${owner}: it is pinned there, or a hand-off to it is under way.`;
    case "owner-not-eligible":
      return `${owner} takes no new jobs now but keeps what it has, until it is drained or its lease ends.`;
    case "surplus":
      return `${owner} is above its quota; a balance moves it to ${next ?? "another server"}.`;
    case "at-home":
      return `${owner} is the first eligible server of its preference list.`;
    case "preferred-full":
      return `Every server that it prefers to ${owner} is at its quota; it moves when ${owner} is above its own.`;
    case "sticky":
      return `It would prefer ${roomy}, which has room, but a move would even nothing out; it moves when ${owner} is above its quota.`;
  }
}

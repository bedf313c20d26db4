// From what every server said to what an operator has to do, the worst first. The servers' own findings are passed on;
// here is added what only a look at all of them together shows.
import type { QuorateClient } from "../client/quorate-client.ts";
import { duration } from "./duration.ts";
import type { ServerStatus } from "./health.ts";

export type ServerHealth = Awaited<ReturnType<QuorateClient["cluster"]["health"]>>;
type Member = Awaited<ReturnType<QuorateClient["servers"]["list"]>>["servers"][number];

export interface Checkup {
  readonly address: string;
  /** The address, as long as no other name is known. */
  readonly serverId: string;
  /** Undefined when it did not answer, or is no member. */
  readonly status: ServerStatus | undefined;
  readonly health: ServerHealth | undefined;
  /** It said that it is no member of a cluster. */
  readonly isNotReady: boolean;
  /** Its wall clock minus ours; undefined when it is not known. */
  readonly clock: { readonly offsetMs: number; readonly uncertaintyMs: number } | undefined;
}

export interface Picture {
  /** Undefined when nobody could tell. */
  readonly members: readonly Member[] | undefined;
  readonly checkups: readonly Checkup[];
}

export interface Diagnosis {
  readonly severity: "error" | "warning";
  /** Empty when it is about the cluster. */
  readonly serverId: string;
  readonly code: string;
  readonly what: string;
  readonly doThis: string;
}

/** More entries behind than a server under load ever is. */
const lagEntriesMax = 1000;
const clockDifferenceMsMax = 1000;

const error = (serverId: string, code: string, texts: readonly [string, string]): Diagnosis => ({
  severity: "error",
  serverId,
  code,
  what: texts[0],
  doThis: texts[1],
});
const warning = (serverId: string, code: string, texts: readonly [string, string]): Diagnosis => ({
  ...error(serverId, code, texts),
  severity: "warning",
});

const isAnswering = ({ status, health, isNotReady }: Checkup): boolean =>
  status !== undefined || health !== undefined || isNotReady;

function silent(checkup: Checkup, { members }: Picture): readonly Diagnosis[] {
  if (isAnswering(checkup)) return [];
  const { serverId, address } = checkup;
  const member = members?.find((one) => one.serverId === serverId);
  const say = member?.role === "ROLE_LEARNER" ? warning : error;
  return [
    say(serverId, "server-silent", [
      `does not answer at ${address}`,
      "Look whether its machine and its process run, and at its log. If it never comes back: quorate server remove.",
    ]),
  ];
}

function condition({ serverId, status, health, isNotReady }: Checkup): readonly Diagnosis[] {
  if (health?.condition === "quarantined") {
    // What it says itself is better: it knows why.
    if (health.findings.some(({ code }) => code === "quarantined")) return [];
    return [
      error(serverId, "quarantined", [
        "its data was damaged and put aside: it does not vote and acknowledges nothing until the others have made it a member again",
        "It comes back by itself as long as the others have a leader. Look at its disk: kernel log, SMART.",
      ]),
    ];
  }
  const isOutside = health?.condition === "starting" || (isNotReady && health === undefined);
  if (!isOutside || status !== undefined) return [];
  return [
    warning(serverId, "not-a-member", [
      "it runs and belongs to no cluster yet",
      "Its log says what it waits for: others to found a cluster with, or to be added.",
    ]),
  ];
}

function chunks({ serverId, health }: Checkup): readonly Diagnosis[] {
  const { lacking = 0, damaged = 0, repaired = 0 } = health?.chunks ?? {};
  const found: Diagnosis[] = [];
  const unrepaired = damaged - repaired;
  if (unrepaired > 0) {
    found.push(
      error(serverId, "chunks-damaged", [
        `${String(unrepaired)} chunks are damaged and not replaced yet`,
        "They are fetched from the others by themselves; if the number stays, no other server has them.",
      ]),
    );
  }
  if (lacking > 0) {
    found.push(
      warning(serverId, "chunks-lacking", [
        `${String(lacking)} chunks of files are not here yet`,
        "They are fetched by themselves. If the number does not fall, look at its log and its disk space.",
      ]),
    );
  }
  if (repaired > 0) {
    found.push(
      warning(serverId, "chunks-repaired", [
        `${String(repaired)} chunks were found damaged and were replaced`,
        "Nothing is lost. The disk damages data: look at the kernel's log and SMART, and plan to replace it.",
      ]),
    );
  }
  return found;
}

function ownFindings({ serverId, health }: Checkup): readonly Diagnosis[] {
  return (health?.findings ?? []).map(({ severity, code, what, doThis }) => ({
    severity: severity === "error" ? ("error" as const) : ("warning" as const),
    serverId,
    code,
    what,
    doThis,
  }));
}

function lagging(checkup: Checkup, commit: number): readonly Diagnosis[] {
  const { serverId, status } = checkup;
  const lag = commit - (status?.appliedIndex ?? commit);
  if (lag <= lagEntriesMax) return [];
  return [
    warning(serverId, "far-behind", [
      `${String(lag)} entries behind the newest committed one`,
      "Ask again in a minute: it should fall. If not, its disk or its network is too slow.",
    ]),
  ];
}

function returning({ members }: Picture): readonly Diagnosis[] {
  return (members ?? [])
    .filter(isReturning)
    .map(({ serverId, reason }) =>
      warning(serverId, "vote-lost", [
        `it has lost its data and does not vote until it has fetched everything${reason === "" ? "" : ` (${reason})`}`,
        "It votes again by itself when it has caught up. Until then do not take another server down.",
      ]),
    );
}

/** A voter that lost its data and is to become one again. */
const isReturning = ({ role, wasVoter }: Member): boolean => role === "ROLE_LEARNER" && wasVoter;

function marginless(voters: number, members: readonly Member[]): readonly Diagnosis[] {
  const few = voters === 2 ? "of two voters neither may fail" : "no further server may fail";
  const back = members.filter(isReturning).map(({ serverId }) => serverId);
  if (back.length > 0) {
    const wait = `Wait: ${back.join(", ")} votes again by itself once everything is fetched. Until then take no server down.`;
    return [error("", "no-margin", [few, wait])];
  }
  return [
    error("", "no-margin", [
      few,
      voters === 2
        ? "Add a third server: quorate server add, then promote."
        : "Bring the missing servers back, or remove and replace them.",
    ]),
  ];
}

function quorum({ checkups, members = [] }: Picture): readonly Diagnosis[] {
  const statuses = checkups.flatMap(({ status }) => (status === undefined ? [] : [status]));
  const leaders = statuses.filter(({ role }) => role === "leader");
  const leader = leaders.sort((a, b) => b.term - a.term)[0];
  const noDecisions = "Bring servers back until a majority of the voters is up.";
  if (statuses.every(({ leaderId }) => leaderId === "")) {
    return [
      error("", "no-leader", ["no server knows of a leader: nothing can be decided", noDecisions]),
    ];
  }
  if (leader === undefined) {
    return [
      error("", "leader-silent", [
        "the leader that the others name does not answer here",
        "Look whether this machine reaches all servers: give their addresses with --addr.",
      ]),
    ];
  }
  const { voters, failuresTolerated } = leader;
  if (failuresTolerated < 0) {
    return [error("", "no-quorum", ["fewer than a majority of the voters answer", noDecisions])];
  }
  if (failuresTolerated > 0 || voters === 1) return [];
  return marginless(voters, members);
}

function versions({ checkups }: Picture): readonly Diagnosis[] {
  const byVersion = new Map<string, string[]>();
  for (const { serverId, status, health } of checkups) {
    const version = health?.version ?? status?.version;
    if (version !== undefined)
      byVersion.set(version, [...(byVersion.get(version) ?? []), serverId]);
  }
  if (byVersion.size < 2) return [];
  const list = [...byVersion].map(([version, names]) => `${version} on ${names.join(", ")}`);
  return [
    warning("", "versions-differ", [
      list.join("; "),
      "Finish the upgrade: one server after the other, the leader last.",
    ]),
  ];
}

function clusters({ checkups }: Picture): readonly Diagnosis[] {
  const ids = checkups.map(({ status, health }) => status?.clusterId ?? health?.clusterId ?? "");
  const known = new Set(ids.filter((id) => id !== ""));
  if (known.size < 2) return [];
  return [
    error("", "clusters-differ", [
      `the addresses lead to different clusters: ${[...known].join(", ")}`,
      "Give the addresses of one cluster with --addr.",
    ]),
  ];
}

function clocks({ checkups }: Picture): readonly Diagnosis[] {
  const told = checkups.flatMap(({ serverId, clock }) =>
    clock === undefined ? [] : [{ serverId, ...clock }],
  );
  told.sort((a, b) => a.offsetMs - b.offsetMs);
  const first = told[0];
  const last = told.at(-1);
  if (first === undefined || last === undefined) return [];
  const differenceMs = last.offsetMs - first.offsetMs;
  if (differenceMs - first.uncertaintyMs - last.uncertaintyMs <= clockDifferenceMsMax) return [];
  return [
    warning("", "clocks-differ", [
      `the clock of ${last.serverId} is ${duration(differenceMs)} ahead of that of ${first.serverId}`,
      "Nothing is decided by it, but times in logs and histories mislead: look after NTP.",
    ]),
  ];
}

/** All that is to be done, errors first; empty = nothing. */
export function diagnose(picture: Picture): readonly Diagnosis[] {
  const { checkups } = picture;
  const commit = Math.max(0, ...checkups.map(({ status }) => status?.commitIndex ?? 0));
  const all = [
    ...quorum(picture),
    ...clusters(picture),
    ...checkups.flatMap((checkup) => [
      ...silent(checkup, picture),
      ...condition(checkup),
      ...ownFindings(checkup),
      ...chunks(checkup),
      ...lagging(checkup, commit),
    ]),
    ...returning(picture),
    ...versions(picture),
    ...clocks(picture),
  ];
  const isError = ({ severity }: Diagnosis): boolean => severity === "error";
  return [...all.filter(isError), ...all.filter((one) => !isError(one))];
}

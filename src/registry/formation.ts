// How empty servers become a cluster without anybody's help, and never two. Every server gets the same list of
// addresses and the number to expect. The lowest id, once it sees *all* of them empty, writes down a proposal
// (cluster id, members) and accepts it; each other server that sees a proposal naming it accepts it too,
// durably, and never another one. When every named member has accepted the same proposal, the cluster exists,
// and whoever notices first simply starts: the first log is the same bytes everywhere.
//
// This file only decides. It is told what the addresses answered and returns what to do next; server/admission asks
// the questions and makes things durable.
import { compareStrings } from "../base/bytes.ts";
import type { QuorateError } from "../base/errors.ts";
import type { ServerProfile } from "../state/rows.ts";
import { registryErrors } from "./errors.ts";
import { type FormationProposal, type HelloAnswer, sameProposal } from "./hello.ts";

/** What one address of the list said; undefined = silent. */
export interface AddressAnswer {
  readonly address: string;
  readonly answer: HelloAnswer | undefined;
}

export interface FormationView {
  readonly self: ServerProfile;
  /** The proposal this server has durably accepted. */
  readonly accepted: FormationProposal | undefined;
  readonly expect: number;
  /** Answers of all listed addresses, in the order of the list; this server's own may be among them. */
  readonly answers: readonly AddressAnswer[];
  /** Used when this server is the one to propose. */
  readonly newClusterId: string;
  readonly nowMs: number;
}

export type FormationDecision =
  /** Make it durable, then ask again. */
  | { readonly kind: "accept"; readonly proposal: FormationProposal }
  /** All members accepted: write the first log and start as a founding member. */
  | { readonly kind: "found"; readonly proposal: FormationProposal }
  /** The addresses belong to a cluster that does not know this server: ask it to be admitted. */
  | { readonly kind: "join"; readonly address: string; readonly clusterId: string }
  /** Nothing to do yet; `missing` says for people what is waited for. */
  | { readonly kind: "wait"; readonly missing: readonly string[] }
  /** Cannot succeed without somebody changing something. */
  | { readonly kind: "refuse"; readonly error: QuorateError };

type Candidate = Extract<HelloAnswer, { kind: "candidate" }>;
type Member = Extract<HelloAnswer, { kind: "member" }>;

function membersAmong(
  view: FormationView,
): { readonly address: string; readonly member: Member }[] {
  return view.answers.flatMap(({ address, answer }) =>
    answer?.kind === "member" ? [{ address, member: answer }] : [],
  );
}

/** One entry per incarnation: an address may be listed under two names. Includes this server. */
function candidatesAmong(view: FormationView): readonly Candidate[] {
  const own: Candidate = { kind: "candidate", profile: view.self, proposal: view.accepted ?? null };
  const byIncarnation = new Map<string, Candidate>([[view.self.incarnation, own]]);
  for (const { answer } of view.answers) {
    if (answer?.kind !== "candidate" || answer.profile.incarnation === view.self.incarnation)
      continue;
    byIncarnation.set(answer.profile.incarnation, answer);
  }
  return [...byIncarnation.values()];
}

function names(proposal: FormationProposal, incarnation: string): boolean {
  return proposal.members.some(({ profile }) => profile.incarnation === incarnation);
}

function makeProposal(
  { newClusterId: clusterId, nowMs: atMs }: FormationView,
  candidates: readonly Candidate[],
): FormationProposal {
  const profiles = candidates.map(({ profile }) => profile);
  profiles.sort((a, b) => compareStrings(a.serverId, b.serverId));
  const proposedAtMs = Math.floor(atMs);
  return {
    clusterId,
    atMs: proposedAtMs,
    members: profiles.map((profile, i) => ({ peerId: i + 1, profile })),
  };
}

/** A member that is bound to something else for good: this proposal can never be finished. */
function lostMember(view: FormationView, accepted: FormationProposal): string | undefined {
  for (const { address, answer } of view.answers) {
    if (answer?.kind !== "candidate" && answer?.kind !== "member") continue;
    const incarnation = answer.kind === "member" ? answer.incarnation : answer.profile.incarnation;
    if (!names(accepted, incarnation)) continue;
    if (answer.proposal !== null && !sameProposal(answer.proposal, accepted))
      return `${address} has accepted another proposal`;
    if (answer.kind === "member" && answer.clusterId !== accepted.clusterId)
      return `${address} belongs to cluster ${answer.clusterId} by now`;
  }
  return undefined;
}

/** This server has accepted: it may start once every other member has accepted the same. */
function finish(view: FormationView, accepted: FormationProposal): FormationDecision {
  const agreed = new Set<string>([view.self.incarnation]);
  for (const { answer } of view.answers) {
    if (answer?.kind !== "candidate" && answer?.kind !== "member") continue;
    if (answer.proposal === null || !sameProposal(answer.proposal, accepted)) continue;
    agreed.add(answer.kind === "member" ? answer.incarnation : answer.profile.incarnation);
  }
  const missing = accepted.members.filter(({ profile }) => !agreed.has(profile.incarnation));
  // A founding member that already runs has seen all acceptances, so this server need not see them again.
  // One that has lost its data since had seen them as well.
  const running = view.answers.some(
    ({ answer }) =>
      (answer?.kind === "member" || answer?.kind === "quarantined") &&
      answer.clusterId === accepted.clusterId,
  );
  if (running || missing.length === 0) return { kind: "found", proposal: accepted };
  const lost = lostMember(view, accepted);
  if (lost !== undefined) {
    return {
      kind: "refuse",
      error: registryErrors.FORMATION_CONFLICT(
        `${lost}, and this server is bound to the proposal of cluster ${accepted.clusterId}`,
      ),
    };
  }
  return {
    kind: "wait",
    missing: missing.map(
      ({ profile }) => `${profile.serverId} at ${profile.peerAddress} has not accepted yet`,
    ),
  };
}

function joinExisting(members: ReturnType<typeof membersAmong>): FormationDecision | undefined {
  const [first, ...others] = members;
  if (first === undefined) return undefined;
  const stranger = others.find(({ member }) => member.clusterId !== first.member.clusterId);
  if (stranger !== undefined) {
    return {
      kind: "refuse",
      error: registryErrors.CLUSTERS_DIFFER(
        `${first.address} belongs to cluster ${first.member.clusterId}, ${stranger.address} to ${stranger.member.clusterId}`,
      ),
    };
  }
  return { kind: "join", address: first.address, clusterId: first.member.clusterId };
}

/** They belong to a cluster already, whose other members are missing here. */
function quarantinedAmong(view: FormationView): readonly string[] {
  return view.answers.flatMap(({ address, answer }) =>
    answer?.kind === "quarantined"
      ? [
          `${address} belongs to cluster ${answer.clusterId}, and waits in quarantine: ${answer.why}`,
        ]
      : [],
  );
}

function duplicateId(candidates: readonly Candidate[]): string | undefined {
  const ids = candidates.map(({ profile }) => profile.serverId);
  return ids.find((id, i) => ids.indexOf(id) !== i);
}

function propose(view: FormationView): FormationDecision {
  const candidates = candidatesAmong(view);
  const silent = view.answers.filter(({ answer }) => answer === undefined);
  const lost = quarantinedAmong(view);
  if (silent.length > 0 || lost.length > 0 || candidates.length < view.expect) {
    const named = silent.map(({ address }) => `${address} does not answer`);
    const found = `${String(candidates.length)} of ${String(view.expect)} servers found`;
    return { kind: "wait", missing: [found, ...named, ...lost] };
  }
  const twice = duplicateId(candidates);
  if (twice !== undefined || candidates.length > view.expect) {
    const what =
      twice === undefined
        ? `${String(candidates.length)} empty servers answer, --expect says ${String(view.expect)}`
        : `two servers are called ${twice}`;
    return { kind: "refuse", error: registryErrors.FORMATION_CONFLICT(what) };
  }
  const proposal = makeProposal(view, candidates);
  const lowest = proposal.members[0]?.profile;
  if (lowest?.incarnation === view.self.incarnation) return { kind: "accept", proposal };
  return { kind: "wait", missing: [`the proposal of ${lowest?.serverId ?? "the lowest id"}`] };
}

/** What this server should do now. Pure; call it again after each round of answers. */
export function formationStep(view: FormationView): FormationDecision {
  if (view.accepted !== undefined) return finish(view, view.accepted);
  const proposals = view.answers.flatMap(({ answer }) =>
    (answer?.kind === "candidate" || answer?.kind === "member") && answer.proposal !== null
      ? [answer.proposal]
      : [],
  );
  const mine = proposals.find((proposal) => names(proposal, view.self.incarnation));
  if (mine !== undefined) return { kind: "accept", proposal: mine };
  const existing = joinExisting(membersAmong(view));
  if (existing !== undefined) return existing;
  if (proposals.length > 0) {
    const [first] = proposals;
    const others = first?.members.map(({ profile }) => profile.serverId).join(", ") ?? "";
    return {
      kind: "refuse",
      error: registryErrors.FORMATION_CONFLICT(
        `the listed servers are forming a cluster of ${others} without this server`,
      ),
    };
  }
  return propose(view);
}

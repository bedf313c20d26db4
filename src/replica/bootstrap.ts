// The first log of a newly formed cluster. Every founding server writes the same bytes, so that from the first
// moment their logs match: one membership entry per founder, in ascending order of peer ids, all committed in
// term 1. Nobody has voted; the first election is in term 2.
import { assert } from "../base/assert.ts";
import { index, noPeer, type PeerId, term } from "../base/numbers.ts";
import { membershipEncode } from "../raft/membership/codec.ts";
import type { Entry } from "../raft/types.ts";
import { encodeMembershipContext } from "../state/command-codec.ts";
import type { ServerProfile } from "../state/rows.ts";
import type { LogStore } from "../storage/contract.ts";

export interface Founder {
  readonly peerId: PeerId;
  readonly profile: ServerProfile;
}

export interface Founding {
  /** Wall-clock time of the formation's proposal: agreed, not each server's own. */
  readonly atMs: number;
  readonly founders: readonly Founder[];
}

const firstTerm = term(1);
const actor = "formation";

function founderEntry(founder: Founder, position: number, atMs: number): Entry {
  const { peerId } = founder;
  const context = encodeMembershipContext({
    atMs,
    actor,
    reason: "founding server",
    added: [founder],
  });
  const steps = [{ kind: "add-voter", peer: peerId } as const];
  const data = membershipEncode({ transition: "auto", steps, context });
  return { index: index(position + 1), term: firstTerm, type: "membership", data };
}

/** Makes the founding log durable. The log must be empty (asserted). */
export async function bootstrapLog(
  log: Pick<LogStore, "append" | "view">,
  founding: Founding,
): Promise<void> {
  assert(log.view.lastIndex() === 0, "only an empty log is founded");
  const founders = founding.founders.toSorted((a, b) => a.peerId - b.peerId);
  assert(founders.length > 0, "a cluster has at least one founder");
  assert(new Set(founders.map((each) => each.peerId)).size === founders.length, "peer ids differ");
  const entries = founders.map((each, position) => founderEntry(each, position, founding.atMs));
  const commit = index(entries.length);
  await log.append({ entries, hardState: { term: firstTerm, vote: noPeer, commit } });
}

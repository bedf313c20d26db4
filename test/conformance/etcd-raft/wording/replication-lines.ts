// Log lines about appends, the log and snapshots.
import type { TraceContext } from "../../../../src/raft/trace.ts";
import { hex } from "./go-format.ts";
import { type EventOf, type Line, type Lines, positionText } from "./lines.ts";
import { typeName } from "./message.ts";
import { confStateText, progressText } from "./state.ts";

interface SnapshotId {
  readonly index: number;
  readonly term: number;
}

function snapshotId({ index, term }: SnapshotId): string {
  return `snapshot [index: ${index}, term: ${term}]`;
}

function writeSuperseded(event: EventOf<"write-superseded">, context: TraceContext): Line[] {
  const { reason, entry, writeTerm, ourTerm } = event;
  const { index, term } = entry;
  const { id, term: currentTerm } = context;
  const type = typeName("storage-append-response");
  const texts: Readonly<Record<typeof reason, string>> = {
    missing: `entry at index ${index} missing from unstable log; ignoring`,
    snapshot: `entry at index ${index} matched unstable snapshot; ignoring`,
    "other-term": `entry at (index,term)=(${index},${term}) mismatched with entry at (${index},${ourTerm}) in unstable log; ignoring`,
    "older-term": `${hex(id)} [term: ${currentTerm}] ignored entry appends from a ${type} message with lower term [term: ${writeTerm}]`,
  };
  return [["INFO", texts[reason]]];
}

function snapshotIgnored(event: EventOf<"snapshot-ignored">, context: TraceContext): Line[] {
  const { snapshot, reason } = event;
  const { id, commit } = context;
  const never = "should never happen";
  const warnings: Readonly<Record<typeof reason, readonly Line[]>> = {
    old: [],
    "log-matches": [],
    "not-follower": [["WARN", `${hex(id)} attempted to restore snapshot as leader; ${never}`]],
    "not-named": [
      [
        "WARN",
        `${hex(id)} attempted to restore snapshot but it is not in the ConfState ${confStateText(snapshot.membership)}; ${never}`,
      ],
    ],
  };
  const text = `${hex(id)} [commit: ${commit}] ignored ${snapshotId(snapshot)}`;
  return [...warnings[reason], ["INFO", text]];
}

type ProgressKind = "snapshot-recovered" | "snapshot-succeeded" | "snapshot-failed";

function resumed(what: string): (event: EventOf<ProgressKind>, context: TraceContext) => Line[] {
  return ({ peer, progress }, { id }) => {
    const text = `resumed sending replication messages to ${hex(peer)} [${progressText(progress)}]`;
    return [["DEBUG", `${hex(id)} ${what}, ${text}`]];
  };
}

export const replicationLines: Lines = {
  "no-progress": ({ peer }, { id }) => [
    ["DEBUG", `${hex(id)} no progress available for ${hex(peer)}`],
  ],
  // Not etcd's: it takes such an answer for a new one.
  "stale-progress-ignored": ({ message }, { id }) => {
    const text = `ignoring ${typeName(message.kind)} of an earlier stay of ${hex(message.from)}`;
    return [["DEBUG", `${hex(id)} ${text}`]];
  },
  "append-rejected": ({ message, ourTerm }, { id }) => {
    const { prevIndex: index, prevTerm, from } = message;
    const ours = positionText(id, { term: ourTerm, index });
    const theirs = `[logterm: ${prevTerm}, index: ${index}]`;
    return [["DEBUG", `${ours}] rejected MsgApp ${theirs} from ${hex(from)}`]];
  },
  "rejection-received": ({ message }, { id }) => {
    const { from, index, rejectHint, rejectHintTerm } = message;
    const hint = `hint: (index ${rejectHint}, term ${rejectHintTerm})`;
    const text = `received MsgAppResp(rejected, ${hint}) from ${hex(from)} for index ${index}`;
    return [["DEBUG", `${hex(id)} ${text}`]];
  },
  "probe-moved-back": ({ peer, progress }, { id }) => [
    ["DEBUG", `${hex(id)} decreased progress of ${hex(peer)} to [${progressText(progress)}]`],
  ],
  unreachable: ({ peer, progress }, { id }) => {
    const text = `failed to send message to ${hex(peer)} because it is unreachable`;
    return [["DEBUG", `${hex(id)} ${text} [${progressText(progress)}]`]];
  },
  conflict: ({ index, existingTerm, conflictingTerm }) => {
    const terms = `[existing term: ${existingTerm}, conflicting term: ${conflictingTerm}]`;
    return [["INFO", `found conflict at index ${index} ${terms}`]];
  },
  "unstable-replaced": ({ from }) => [["INFO", `replace the unstable entries from index ${from}`]],
  "unstable-truncated": ({ from }) => [
    ["INFO", `truncate the unstable entries before index ${from}`],
  ],
  "write-superseded": writeSuperseded,
  "snapshot-withheld": ({ peer }) => [
    ["DEBUG", `ignore sending snapshot to ${hex(peer)} since it is not recently active`],
  ],
  "snapshot-sending": ({ peer, snapshot, firstIndex, progress }, { id, commit }) => {
    const marks = `[firstindex: ${firstIndex}, commit: ${commit}]`;
    const what = `snapshot[index: ${snapshot.index}, term: ${snapshot.term}]`;
    const text = `${marks} sent ${what} to ${hex(peer)} [${progressText(progress)}]`;
    return [["DEBUG", `${hex(id)} ${text}`]];
  },
  "snapshot-sent": ({ peer, progress }, { id }) => {
    const text = `paused sending replication messages to ${hex(peer)} [${progressText(progress)}]`;
    return [["DEBUG", `${hex(id)} ${text}`]];
  },
  "snapshot-recovered": resumed("recovered from needing snapshot"),
  "snapshot-succeeded": resumed("snapshot succeeded"),
  "snapshot-failed": resumed("snapshot failed"),
  "snapshot-restoring": ({ snapshot, log }) => {
    const marks = [
      `committed=${log.commit}, applied=${log.applied}, applying=${log.applying}`,
      `unstable.offset=${log.unstableStart}, unstable.offsetInProgress=${log.unstableInProgress}`,
      `len(unstable.Entries)=${log.unstableCount}`,
    ].join(", ");
    return [["INFO", `log [${marks}] starts to restore ${snapshotId(snapshot)}`]];
  },
  "snapshot-restored": ({ snapshot }, { id, commit }) => {
    const { index, term } = snapshot;
    const what = `restored ${snapshotId(snapshot)}`;
    const marks = `commit: ${commit}, lastindex: ${index}, lastterm: ${term}`;
    return [
      ["INFO", `${hex(id)} [${marks}] ${what}`],
      ["INFO", `${hex(id)} [commit: ${commit}] ${what}`],
    ];
  },
  "snapshot-fast-forward": ({ snapshot, last }, { id, commit }) => {
    const marks = `commit: ${commit}, lastindex: ${last.index}, lastterm: ${last.term}`;
    const text = `fast-forwarded commit to ${snapshotId(snapshot)}`;
    return [["INFO", `${hex(id)} [${marks}] ${text}`]];
  },
  "snapshot-ignored": snapshotIgnored,
};

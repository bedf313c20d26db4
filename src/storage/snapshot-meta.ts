// The description of a snapshot as bytes: in the log's database and in the header of snapshot files.
import { ByteReader, ByteWriter } from "../base/bytes.ts";
import type { PeerId } from "../base/numbers.ts";
import { index, noIndex, noTerm, peerId, term } from "../base/numbers.ts";
import type { MembershipState, SnapshotMeta } from "../raft/types.ts";

/** Before the first snapshot: index 0, nobody is a member. */
export const noSnapshot: SnapshotMeta = {
  index: noIndex,
  term: noTerm,
  membership: {
    voters: [],
    learners: [],
    votersOutgoing: [],
    learnersNext: [],
    autoLeave: false,
  },
};

export function encodeSnapshotMeta(meta: SnapshotMeta): Uint8Array {
  const { membership } = meta;
  const writer = new ByteWriter();
  const peers = (list: readonly PeerId[]): void => {
    writer.list(list, (peer) => writer.varint(peer));
  };
  writer.varint(meta.index).varint(meta.term);
  peers(membership.voters);
  peers(membership.learners);
  peers(membership.votersOutgoing);
  peers(membership.learnersNext);
  return writer.bool(membership.autoLeave).finish();
}

/** Throws DecodeError on anything that `encodeSnapshotMeta` did not write. */
export function decodeSnapshotMeta(bytes: Uint8Array): SnapshotMeta {
  const reader = new ByteReader(bytes);
  const peers = (): PeerId[] => reader.list(() => peerId(reader.varint()));
  const at = { index: index(reader.varint()), term: term(reader.varint()) };
  const membership: MembershipState = {
    voters: peers(),
    learners: peers(),
    votersOutgoing: peers(),
    learnersNext: peers(),
    autoLeave: reader.bool(),
  };
  reader.end();
  return { ...at, membership };
}

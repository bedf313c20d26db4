// Bugs of storage: what a disk may do, forgiven, believed or forgotten about.
import type { Mutation } from "./mutation.ts";

export const diskMutations: readonly Mutation[] = [
  {
    name: "log-write-acknowledged-before-sync",
    source: "Redpanda: why fsync is needed; Jepsen NATS 2.12.1",
    file: "src/storage/level/log-store.ts",
    find: "await this.#gate.io(() => writes.commit());",
    replace: "this.#gate.io(() => writes.commit()).catch(() => undefined);\n      await undefined;",
  },
  {
    name: "hard-state-written-after-its-entries",
    source: "Raft section 5: term, vote and entries are one write; hashicorp/raft keeps them apart",
    file: "src/storage/level/log-store.ts",
    find: "    putState(writes, scratch, { state, at: stateAt });\n    await this.#commit(writes, isReplacing);",
    replace:
      '    await this.#commit(writes, isReplacing);\n    const second = this.#database.batch("small");\n    putState(second, scratch, { state, at: stateAt });\n    await this.#commit(second, false);',
  },
  {
    name: "entry-checksum-not-looked-at",
    source: "Ganesan et al., FAST 2017: redundancy does not imply fault tolerance",
    file: "src/storage/level/entry-codec.ts",
    find: "if (crc32(group.subarray(from + checksumBytes, to)) !== checksum)",
    replace: "if (checksum < 0)",
  },
  {
    name: "leveldb-believed-after-a-dropped-record",
    source: "google/leveldb without paranoid checks: the rest of the block is dropped in silence",
    file: "src/storage/level/wal-scan.ts",
    find: '    if (fragment.kind !== "intact") {\n',
    replace:
      '    if (fragment.kind === "bad") {\n      at = blockEnd(at);\n      recordAt = undefined;\n      continue;\n    }\n    if (fragment.kind !== "intact") {\n',
  },
  {
    name: "bad-last-record-taken-for-a-torn-one",
    source: "etcd #6191 and its rule of zero sectors; Alagappan et al., FAST 2018",
    file: "src/storage/level/wal-scan.ts",
    find: 'const isTorn = fragment.kind === "cut" || hasZeroSector(bytes, tornAt, bytes.length);',
    replace: "const isTorn = hasZeroSector(bytes, tornAt, bytes.length) || tornAt >= 0;",
  },
  {
    name: "readmitted-beside-the-old-peer",
    source: "etcd: a member that lost its data is removed before it is added again",
    file: "src/registry/readmission.ts",
    find: '    { kind: "remove", peer: oldPeer },\n',
    replace: "",
  },
  {
    name: "version-committed-without-receipts",
    source: "the rule of src/state/apply/uploads.ts: visible only on a majority's disks",
    file: "src/state/apply/uploads.ts",
    find: "  if (manifest.chunks.every(isLive) || isStoredByMajority(",
    replace: "  if (manifest.chunks.every(isLive) || row.chunks.length > 0 || isStoredByMajority(",
  },
  {
    name: "reserved-chunk-collected",
    source: "restic #1599, borg #6687: what is being uploaded is taken for garbage",
    file: "src/state/store-reader.ts",
    find: "    return this.#store.chunks.get(digest) !== undefined;",
    replace: "    return (this.#store.chunks.get(digest)?.live ?? 0) > 0;",
  },
  {
    name: "chunk-served-unverified",
    source: "Bairavasundaram et al., FAST 2008: bit errors that the disk does not report",
    file: "src/storage/memory/chunk-store.ts",
    find: "if (bytes === undefined || sha256Hex(bytes) === digest)",
    replace: "if (bytes === undefined || sha256Hex(bytes) !== '')",
  },
];

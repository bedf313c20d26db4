// Original file: proto/quorate/raft/v1/raft.proto

import type { SnapshotSource as _quorate_raft_v1_SnapshotSource, SnapshotSource__Output as _quorate_raft_v1_SnapshotSource__Output } from '../../../quorate/raft/v1/SnapshotSource.ts';
import type { ChunkSource as _quorate_raft_v1_ChunkSource, ChunkSource__Output as _quorate_raft_v1_ChunkSource__Output } from '../../../quorate/raft/v1/ChunkSource.ts';

export interface PullRequest {
  'snapshot'?: (_quorate_raft_v1_SnapshotSource | null);
  'chunks'?: (_quorate_raft_v1_ChunkSource | null);
  'source'?: "snapshot"|"chunks";
}

export interface PullRequest__Output {
  'snapshot'?: (_quorate_raft_v1_SnapshotSource__Output | null);
  'chunks'?: (_quorate_raft_v1_ChunkSource__Output | null);
  'source'?: "snapshot"|"chunks";
}

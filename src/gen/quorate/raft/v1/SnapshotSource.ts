// Original file: proto/quorate/raft/v1/raft.proto

import type { Long } from '@grpc/proto-loader';

export interface SnapshotSource {
  'index'?: (number | string | Long);
  'offset'?: (number | string | Long);
}

export interface SnapshotSource__Output {
  'index': (number);
  'offset': (number);
}

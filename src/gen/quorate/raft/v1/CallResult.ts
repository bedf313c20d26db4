// Original file: proto/quorate/raft/v1/raft.proto

import type { ErrorRecord as _quorate_raft_v1_ErrorRecord, ErrorRecord__Output as _quorate_raft_v1_ErrorRecord__Output } from '../../../quorate/raft/v1/ErrorRecord.ts';
import type { Long } from '@grpc/proto-loader';

export interface CallResult {
  'id'?: (number | string | Long);
  'payload'?: (Buffer | Uint8Array | string);
  'error'?: (_quorate_raft_v1_ErrorRecord | null);
  'outcome'?: "payload"|"error";
}

export interface CallResult__Output {
  'id': (number);
  'payload'?: (Buffer);
  'error'?: (_quorate_raft_v1_ErrorRecord__Output | null);
  'outcome'?: "payload"|"error";
}

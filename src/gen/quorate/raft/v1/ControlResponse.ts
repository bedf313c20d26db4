// Original file: proto/quorate/raft/v1/raft.proto

import type { CallResult as _quorate_raft_v1_CallResult, CallResult__Output as _quorate_raft_v1_CallResult__Output } from '../../../quorate/raft/v1/CallResult.ts';

export interface ControlResponse {
  'results'?: (_quorate_raft_v1_CallResult)[];
}

export interface ControlResponse__Output {
  'results': (_quorate_raft_v1_CallResult__Output)[];
}

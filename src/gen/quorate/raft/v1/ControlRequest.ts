// Original file: proto/quorate/raft/v1/raft.proto

import type { Call as _quorate_raft_v1_Call, Call__Output as _quorate_raft_v1_Call__Output } from '../../../quorate/raft/v1/Call.ts';

export interface ControlRequest {
  'messages'?: (Buffer | Uint8Array | string)[];
  'calls'?: (_quorate_raft_v1_Call)[];
}

export interface ControlRequest__Output {
  'messages': (Buffer)[];
  'calls': (_quorate_raft_v1_Call__Output)[];
}

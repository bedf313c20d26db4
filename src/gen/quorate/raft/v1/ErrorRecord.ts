// Original file: proto/quorate/raft/v1/raft.proto

import type { ErrorField as _quorate_raft_v1_ErrorField, ErrorField__Output as _quorate_raft_v1_ErrorField__Output } from '../../../quorate/raft/v1/ErrorField.ts';

export interface ErrorRecord {
  'code'?: (string);
  'kind'?: (string);
  'message'?: (string);
  'help'?: (string);
  'fields'?: (_quorate_raft_v1_ErrorField)[];
}

export interface ErrorRecord__Output {
  'code': (string);
  'kind': (string);
  'message': (string);
  'help': (string);
  'fields': (_quorate_raft_v1_ErrorField__Output)[];
}

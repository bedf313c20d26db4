// Original file: proto/quorate/registry/v1/registry.proto

import type { Condition as _quorate_registry_v1_Condition, Condition__Output as _quorate_registry_v1_Condition__Output } from '../../../quorate/registry/v1/Condition.ts';
import type { RequestId as _quorate_registry_v1_RequestId, RequestId__Output as _quorate_registry_v1_RequestId__Output } from '../../../quorate/registry/v1/RequestId.ts';

export interface DeleteRequest {
  'key'?: (string);
  'condition'?: (_quorate_registry_v1_Condition | null);
  'requestId'?: (_quorate_registry_v1_RequestId | null);
}

export interface DeleteRequest__Output {
  'key': (string);
  'condition': (_quorate_registry_v1_Condition__Output | null);
  'requestId': (_quorate_registry_v1_RequestId__Output | null);
}

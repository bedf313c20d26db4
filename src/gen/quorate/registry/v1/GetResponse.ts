// Original file: proto/quorate/registry/v1/registry.proto

import type { KeyValue as _quorate_registry_v1_KeyValue, KeyValue__Output as _quorate_registry_v1_KeyValue__Output } from '../../../quorate/registry/v1/KeyValue.ts';

export interface GetResponse {
  'kv'?: (_quorate_registry_v1_KeyValue | null);
}

export interface GetResponse__Output {
  'kv': (_quorate_registry_v1_KeyValue__Output | null);
}

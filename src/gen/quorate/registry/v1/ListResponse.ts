// Original file: proto/quorate/registry/v1/registry.proto

import type { KeyValue as _quorate_registry_v1_KeyValue, KeyValue__Output as _quorate_registry_v1_KeyValue__Output } from '../../../quorate/registry/v1/KeyValue.ts';
import type { Long } from '@grpc/proto-loader';

export interface ListResponse {
  'kvs'?: (_quorate_registry_v1_KeyValue)[];
  'revision'?: (number | string | Long);
  'more'?: (boolean);
}

export interface ListResponse__Output {
  'kvs': (_quorate_registry_v1_KeyValue__Output)[];
  'revision': (number);
  'more': (boolean);
}

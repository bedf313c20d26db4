// Original file: proto/quorate/registry/v1/registry.proto

import type { Long } from '@grpc/proto-loader';

export interface Condition {
  'absent'?: (boolean);
  'revision'?: (number | string | Long);
  'value'?: (Buffer | Uint8Array | string);
  'kind'?: "absent"|"revision"|"value";
}

export interface Condition__Output {
  'absent'?: (boolean);
  'revision'?: (number);
  'value'?: (Buffer);
  'kind'?: "absent"|"revision"|"value";
}

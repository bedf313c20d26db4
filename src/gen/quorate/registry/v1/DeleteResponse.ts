// Original file: proto/quorate/registry/v1/registry.proto

import type { Long } from '@grpc/proto-loader';

export interface DeleteResponse {
  'revision'?: (number | string | Long);
  'existed'?: (boolean);
}

export interface DeleteResponse__Output {
  'revision': (number);
  'existed': (boolean);
}

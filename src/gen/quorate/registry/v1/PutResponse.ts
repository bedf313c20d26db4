// Original file: proto/quorate/registry/v1/registry.proto

import type { Long } from '@grpc/proto-loader';

export interface PutResponse {
  'revision'?: (number | string | Long);
  'version'?: (number | string | Long);
}

export interface PutResponse__Output {
  'revision': (number);
  'version': (number);
}

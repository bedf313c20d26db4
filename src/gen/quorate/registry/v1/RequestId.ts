// Original file: proto/quorate/registry/v1/registry.proto

import type { Long } from '@grpc/proto-loader';

export interface RequestId {
  'clientSession'?: (number | string | Long);
  'sequence'?: (number | string | Long);
  'acknowledged'?: (number | string | Long);
}

export interface RequestId__Output {
  'clientSession': (number);
  'sequence': (number);
  'acknowledged': (number);
}

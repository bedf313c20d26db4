// Original file: proto/quorate/registry/v1/registry.proto

import type { Long } from '@grpc/proto-loader';

export interface WatchServersRequest {
  'sinceRevision'?: (number | string | Long);
}

export interface WatchServersRequest__Output {
  'sinceRevision': (number);
}

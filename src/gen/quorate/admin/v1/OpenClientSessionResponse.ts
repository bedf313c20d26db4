// Original file: proto/quorate/admin/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface OpenClientSessionResponse {
  'clientSession'?: (number | string | Long);
}

export interface OpenClientSessionResponse__Output {
  'clientSession': (number);
}

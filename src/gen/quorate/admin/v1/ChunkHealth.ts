// Original file: proto/quorate/admin/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface ChunkHealth {
  'held'?: (number | string | Long);
  'lacking'?: (number | string | Long);
  'damaged'?: (number | string | Long);
  'repaired'?: (number | string | Long);
}

export interface ChunkHealth__Output {
  'held': (number);
  'lacking': (number);
  'damaged': (number);
  'repaired': (number);
}

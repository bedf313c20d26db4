// Original file: proto/quorate/job/v1/job.proto

import type { Long } from '@grpc/proto-loader';

export interface ReadLogResponse {
  'data'?: (Buffer | Uint8Array | string);
  'nextOffset'?: (number | string | Long);
  'serverId'?: (string);
  'truncated'?: (boolean);
  'ownerId'?: (string);
}

export interface ReadLogResponse__Output {
  'data': (Buffer);
  'nextOffset': (number);
  'serverId': (string);
  'truncated': (boolean);
  'ownerId': (string);
}

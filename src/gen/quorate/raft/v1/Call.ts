// Original file: proto/quorate/raft/v1/raft.proto

import type { Long } from '@grpc/proto-loader';

export interface Call {
  'id'?: (number | string | Long);
  'name'?: (string);
  'payload'?: (Buffer | Uint8Array | string);
}

export interface Call__Output {
  'id': (number);
  'name': (string);
  'payload': (Buffer);
}

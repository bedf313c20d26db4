// Original file: proto/quorate/admin/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface RemoveServerResponse {
  'serverId'?: (string);
  'peerId'?: (number | string | Long);
  'revision'?: (number | string | Long);
  'text'?: (string);
}

export interface RemoveServerResponse__Output {
  'serverId': (string);
  'peerId': (number);
  'revision': (number);
  'text': (string);
}

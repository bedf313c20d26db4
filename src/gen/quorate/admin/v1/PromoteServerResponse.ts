// Original file: proto/quorate/admin/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface PromoteServerResponse {
  'serverId'?: (string);
  'peerId'?: (number | string | Long);
  'revision'?: (number | string | Long);
  'text'?: (string);
}

export interface PromoteServerResponse__Output {
  'serverId': (string);
  'peerId': (number);
  'revision': (number);
  'text': (string);
}

// Original file: proto/quorate/admin/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface PeerStatus {
  'serverId'?: (string);
  'peerId'?: (number | string | Long);
  'role'?: (string);
  'matchIndex'?: (number | string | Long);
  'active'?: (boolean);
}

export interface PeerStatus__Output {
  'serverId': (string);
  'peerId': (number);
  'role': (string);
  'matchIndex': (number);
  'active': (boolean);
}

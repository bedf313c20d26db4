// Original file: proto/quorate/admin/v1/admin.proto


export interface SetServerStateRequest {
  'serverId'?: (string);
  'state'?: (string);
  'reason'?: (string);
}

export interface SetServerStateRequest__Output {
  'serverId': (string);
  'state': (string);
  'reason': (string);
}

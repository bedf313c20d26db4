// Original file: proto/quorate/admin/v1/admin.proto


export interface TransferLeadershipRequest {
  'serverId'?: (string);
}

export interface TransferLeadershipRequest__Output {
  'serverId': (string);
}

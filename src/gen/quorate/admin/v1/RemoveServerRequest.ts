// Original file: proto/quorate/admin/v1/admin.proto


export interface RemoveServerRequest {
  'serverId'?: (string);
}

export interface RemoveServerRequest__Output {
  'serverId': (string);
}

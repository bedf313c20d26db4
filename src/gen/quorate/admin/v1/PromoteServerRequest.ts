// Original file: proto/quorate/admin/v1/admin.proto


export interface PromoteServerRequest {
  'serverId'?: (string);
}

export interface PromoteServerRequest__Output {
  'serverId': (string);
}

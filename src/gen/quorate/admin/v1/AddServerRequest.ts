// Original file: proto/quorate/admin/v1/admin.proto


export interface AddServerRequest {
  'peerAddress'?: (string);
}

export interface AddServerRequest__Output {
  'peerAddress': (string);
}

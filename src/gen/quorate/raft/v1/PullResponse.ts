// Original file: proto/quorate/raft/v1/raft.proto


export interface PullResponse {
  'data'?: (Buffer | Uint8Array | string);
  'item'?: (number);
  'last'?: (boolean);
  'missing'?: (boolean);
}

export interface PullResponse__Output {
  'data': (Buffer);
  'item': (number);
  'last': (boolean);
  'missing': (boolean);
}

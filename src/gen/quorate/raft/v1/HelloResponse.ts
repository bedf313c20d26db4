// Original file: proto/quorate/raft/v1/raft.proto


export interface HelloResponse {
  'payload'?: (Buffer | Uint8Array | string);
}

export interface HelloResponse__Output {
  'payload': (Buffer);
}

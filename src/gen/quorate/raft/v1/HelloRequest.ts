// Original file: proto/quorate/raft/v1/raft.proto


export interface HelloRequest {
  'payload'?: (Buffer | Uint8Array | string);
}

export interface HelloRequest__Output {
  'payload': (Buffer);
}

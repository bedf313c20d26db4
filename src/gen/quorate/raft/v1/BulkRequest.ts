// Original file: proto/quorate/raft/v1/raft.proto


export interface BulkRequest {
  'messages'?: (Buffer | Uint8Array | string)[];
}

export interface BulkRequest__Output {
  'messages': (Buffer)[];
}

// Original file: proto/quorate/raft/v1/raft.proto


export interface ChunkSource {
  'digests'?: (string)[];
}

export interface ChunkSource__Output {
  'digests': (string)[];
}

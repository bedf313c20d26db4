// Original file: proto/quorate/raft/v1/raft.proto


export interface BulkResponse {
}

export interface BulkResponse__Output {
}

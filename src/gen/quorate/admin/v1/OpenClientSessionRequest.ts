// Original file: proto/quorate/admin/v1/admin.proto


export interface OpenClientSessionRequest {
}

export interface OpenClientSessionRequest__Output {
}

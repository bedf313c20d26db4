// Original file: proto/quorate/resource/v1/resource.proto


export interface DeleteVersionResponse {
}

export interface DeleteVersionResponse__Output {
}

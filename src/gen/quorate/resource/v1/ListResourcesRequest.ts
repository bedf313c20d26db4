// Original file: proto/quorate/resource/v1/resource.proto


export interface ListResourcesRequest {
}

export interface ListResourcesRequest__Output {
}

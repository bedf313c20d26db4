// Original file: proto/quorate/admin/v1/admin.proto


export interface GetHealthRequest {
}

export interface GetHealthRequest__Output {
}

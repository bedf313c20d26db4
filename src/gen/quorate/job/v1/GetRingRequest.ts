// Original file: proto/quorate/job/v1/job.proto


export interface GetRingRequest {
}

export interface GetRingRequest__Output {
}

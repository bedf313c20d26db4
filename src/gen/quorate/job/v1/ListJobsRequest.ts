// Original file: proto/quorate/job/v1/job.proto


export interface ListJobsRequest {
}

export interface ListJobsRequest__Output {
}

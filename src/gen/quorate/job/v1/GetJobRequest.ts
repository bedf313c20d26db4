// Original file: proto/quorate/job/v1/job.proto


export interface GetJobRequest {
  'job'?: (string);
}

export interface GetJobRequest__Output {
  'job': (string);
}

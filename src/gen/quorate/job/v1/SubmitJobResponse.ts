// Original file: proto/quorate/job/v1/job.proto

import type { Long } from '@grpc/proto-loader';

export interface SubmitJobResponse {
  'jobId'?: (string);
  'revision'?: (number | string | Long);
}

export interface SubmitJobResponse__Output {
  'jobId': (string);
  'revision': (number);
}

// Original file: proto/quorate/job/v1/job.proto

import type { Long } from '@grpc/proto-loader';

export interface StopJobResponse {
  'revision'?: (number | string | Long);
}

export interface StopJobResponse__Output {
  'revision': (number);
}

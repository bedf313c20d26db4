// Original file: proto/quorate/job/v1/job.proto

import type { Long } from '@grpc/proto-loader';

export interface DeleteJobResponse {
  'revision'?: (number | string | Long);
}

export interface DeleteJobResponse__Output {
  'revision': (number);
}

// Original file: proto/quorate/job/v1/job.proto

import type { Long } from '@grpc/proto-loader';

export interface StartJobResponse {
  'revision'?: (number | string | Long);
}

export interface StartJobResponse__Output {
  'revision': (number);
}

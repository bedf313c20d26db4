// Original file: proto/quorate/runner/v1/runner.proto

import type { Long } from '@grpc/proto-loader';

export interface JobEpoch {
  'jobId'?: (string);
  'epoch'?: (number | string | Long);
}

export interface JobEpoch__Output {
  'jobId': (string);
  'epoch': (number);
}

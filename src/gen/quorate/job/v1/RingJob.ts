// Original file: proto/quorate/job/v1/job.proto

import type { Long } from '@grpc/proto-loader';

export interface RingJob {
  'jobId'?: (string);
  'name'?: (string);
  'state'?: (string);
  'owner'?: (string);
  'epoch'?: (number | string | Long);
  'home'?: (string);
}

export interface RingJob__Output {
  'jobId': (string);
  'name': (string);
  'state': (string);
  'owner': (string);
  'epoch': (number);
  'home': (string);
}

// Original file: proto/quorate/job/v1/job.proto

import type { Long } from '@grpc/proto-loader';

export interface Event {
  'revision'?: (number | string | Long);
  'atMs'?: (number | string | Long);
  'kind'?: (string);
  'actor'?: (string);
  'detail'?: (string);
}

export interface Event__Output {
  'revision': (number);
  'atMs': (number);
  'kind': (string);
  'actor': (string);
  'detail': (string);
}

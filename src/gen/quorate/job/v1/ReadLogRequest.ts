// Original file: proto/quorate/job/v1/job.proto

import type { Long } from '@grpc/proto-loader';

export interface ReadLogRequest {
  'job'?: (string);
  'offset'?: (number | string | Long);
  'tailBytes'?: (number);
  'serverId'?: (string);
}

export interface ReadLogRequest__Output {
  'job': (string);
  'offset': (number);
  'tailBytes': (number);
  'serverId': (string);
}

// Original file: proto/quorate/job/v1/job.proto

import type { Long } from '@grpc/proto-loader';

export interface Run {
  'epoch'?: (number | string | Long);
  'phase'?: (string);
  'pid'?: (number);
  'exitCode'?: (number);
  'signal'?: (string);
  'restarts'?: (number);
  'message'?: (string);
  'atMs'?: (number | string | Long);
}

export interface Run__Output {
  'epoch': (number);
  'phase': (string);
  'pid': (number);
  'exitCode': (number);
  'signal': (string);
  'restarts': (number);
  'message': (string);
  'atMs': (number);
}

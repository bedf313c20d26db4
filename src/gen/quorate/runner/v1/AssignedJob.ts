// Original file: proto/quorate/runner/v1/runner.proto

import type { Long } from '@grpc/proto-loader';

export interface AssignedJob {
  'jobId'?: (string);
  'name'?: (string);
  'state'?: (string);
  'owner'?: (string);
  'ownerSession'?: (number | string | Long);
  'epoch'?: (number | string | Long);
  'nextOwner'?: (string);
}

export interface AssignedJob__Output {
  'jobId': (string);
  'name': (string);
  'state': (string);
  'owner': (string);
  'ownerSession': (number);
  'epoch': (number);
  'nextOwner': (string);
}

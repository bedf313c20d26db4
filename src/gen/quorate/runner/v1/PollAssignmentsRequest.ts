// Original file: proto/quorate/runner/v1/runner.proto

import type { Long } from '@grpc/proto-loader';

export interface PollAssignmentsRequest {
  'serverId'?: (string);
  'sinceRevision'?: (number | string | Long);
  'waitMs'?: (number);
}

export interface PollAssignmentsRequest__Output {
  'serverId': (string);
  'sinceRevision': (number);
  'waitMs': (number);
}

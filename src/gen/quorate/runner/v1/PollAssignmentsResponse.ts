// Original file: proto/quorate/runner/v1/runner.proto

import type { AssignedJob as _quorate_runner_v1_AssignedJob, AssignedJob__Output as _quorate_runner_v1_AssignedJob__Output } from '../../../quorate/runner/v1/AssignedJob.ts';
import type { Long } from '@grpc/proto-loader';

export interface PollAssignmentsResponse {
  'revision'?: (number | string | Long);
  'jobs'?: (_quorate_runner_v1_AssignedJob)[];
}

export interface PollAssignmentsResponse__Output {
  'revision': (number);
  'jobs': (_quorate_runner_v1_AssignedJob__Output)[];
}

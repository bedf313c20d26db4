// Original file: proto/quorate/runner/v1/runner.proto

import type { JobEpoch as _quorate_runner_v1_JobEpoch, JobEpoch__Output as _quorate_runner_v1_JobEpoch__Output } from '../../../quorate/runner/v1/JobEpoch.ts';
import type { Long } from '@grpc/proto-loader';

export interface RenewResponse {
  'alive'?: (boolean);
  'confirmed'?: (_quorate_runner_v1_JobEpoch)[];
  'term'?: (number | string | Long);
  'servers'?: (string)[];
}

export interface RenewResponse__Output {
  'alive': (boolean);
  'confirmed': (_quorate_runner_v1_JobEpoch__Output)[];
  'term': (number);
  'servers': (string)[];
}

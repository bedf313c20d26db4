// Original file: proto/quorate/job/v1/job.proto

import type { RingServer as _quorate_job_v1_RingServer, RingServer__Output as _quorate_job_v1_RingServer__Output } from '../../../quorate/job/v1/RingServer.ts';
import type { RingJob as _quorate_job_v1_RingJob, RingJob__Output as _quorate_job_v1_RingJob__Output } from '../../../quorate/job/v1/RingJob.ts';
import type { Long } from '@grpc/proto-loader';

export interface GetRingResponse {
  'revision'?: (number | string | Long);
  'algorithmVersion'?: (number);
  'servers'?: (_quorate_job_v1_RingServer)[];
  'jobs'?: (_quorate_job_v1_RingJob)[];
  'maxMinusMin'?: (number);
}

export interface GetRingResponse__Output {
  'revision': (number);
  'algorithmVersion': (number);
  'servers': (_quorate_job_v1_RingServer__Output)[];
  'jobs': (_quorate_job_v1_RingJob__Output)[];
  'maxMinusMin': (number);
}

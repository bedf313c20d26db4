// Original file: proto/quorate/job/v1/job.proto

import type { JobSpec as _quorate_job_v1_JobSpec, JobSpec__Output as _quorate_job_v1_JobSpec__Output } from '../../../quorate/job/v1/JobSpec.ts';
import type { RequestId as _quorate_job_v1_RequestId, RequestId__Output as _quorate_job_v1_RequestId__Output } from '../../../quorate/job/v1/RequestId.ts';

export interface UpdateJobRequest {
  'job'?: (string);
  'spec'?: (_quorate_job_v1_JobSpec | null);
  'requestId'?: (_quorate_job_v1_RequestId | null);
}

export interface UpdateJobRequest__Output {
  'job': (string);
  'spec': (_quorate_job_v1_JobSpec__Output | null);
  'requestId': (_quorate_job_v1_RequestId__Output | null);
}

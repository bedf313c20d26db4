// Original file: proto/quorate/job/v1/job.proto

import type { RequestId as _quorate_job_v1_RequestId, RequestId__Output as _quorate_job_v1_RequestId__Output } from '../../../quorate/job/v1/RequestId.ts';

export interface DeleteJobRequest {
  'job'?: (string);
  'reason'?: (string);
  'requestId'?: (_quorate_job_v1_RequestId | null);
}

export interface DeleteJobRequest__Output {
  'job': (string);
  'reason': (string);
  'requestId': (_quorate_job_v1_RequestId__Output | null);
}

// Original file: proto/quorate/job/v1/job.proto

import type { Job as _quorate_job_v1_Job, Job__Output as _quorate_job_v1_Job__Output } from '../../../quorate/job/v1/Job.ts';

export interface ListJobsResponse {
  'jobs'?: (_quorate_job_v1_Job)[];
}

export interface ListJobsResponse__Output {
  'jobs': (_quorate_job_v1_Job__Output)[];
}

// Original file: proto/quorate/job/v1/job.proto

import type { Job as _quorate_job_v1_Job, Job__Output as _quorate_job_v1_Job__Output } from '../../../quorate/job/v1/Job.ts';
import type { Event as _quorate_job_v1_Event, Event__Output as _quorate_job_v1_Event__Output } from '../../../quorate/job/v1/Event.ts';

export interface GetJobResponse {
  'job'?: (_quorate_job_v1_Job | null);
  'events'?: (_quorate_job_v1_Event)[];
}

export interface GetJobResponse__Output {
  'job': (_quorate_job_v1_Job__Output | null);
  'events': (_quorate_job_v1_Event__Output)[];
}

// Original file: proto/quorate/job/v1/job.proto

import type { JobSpec as _quorate_job_v1_JobSpec, JobSpec__Output as _quorate_job_v1_JobSpec__Output } from '../../../quorate/job/v1/JobSpec.ts';
import type { Run as _quorate_job_v1_Run, Run__Output as _quorate_job_v1_Run__Output } from '../../../quorate/job/v1/Run.ts';
import type { Long } from '@grpc/proto-loader';

export interface Job {
  'jobId'?: (string);
  'namespace'?: (string);
  'name'?: (string);
  'specRevision'?: (number);
  'spec'?: (_quorate_job_v1_JobSpec | null);
  'desired'?: (string);
  'state'?: (string);
  'reason'?: (string);
  'owner'?: (string);
  'nextOwner'?: (string);
  'epoch'?: (number | string | Long);
  'run'?: (_quorate_job_v1_Run | null);
  'createdAtMs'?: (number | string | Long);
  'submittedBy'?: (string);
  'modifiedRevision'?: (number | string | Long);
}

export interface Job__Output {
  'jobId': (string);
  'namespace': (string);
  'name': (string);
  'specRevision': (number);
  'spec': (_quorate_job_v1_JobSpec__Output | null);
  'desired': (string);
  'state': (string);
  'reason': (string);
  'owner': (string);
  'nextOwner': (string);
  'epoch': (number);
  'run': (_quorate_job_v1_Run__Output | null);
  'createdAtMs': (number);
  'submittedBy': (string);
  'modifiedRevision': (number);
}

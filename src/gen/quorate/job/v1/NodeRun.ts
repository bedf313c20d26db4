// Original file: proto/quorate/job/v1/job.proto

import type { ResourceRef as _quorate_job_v1_ResourceRef, ResourceRef__Output as _quorate_job_v1_ResourceRef__Output } from '../../../quorate/job/v1/ResourceRef.ts';

export interface NodeRun {
  'resource'?: (_quorate_job_v1_ResourceRef | null);
}

export interface NodeRun__Output {
  'resource': (_quorate_job_v1_ResourceRef__Output | null);
}

// Original file: proto/quorate/job/v1/job.proto

import type { ResourceRef as _quorate_job_v1_ResourceRef, ResourceRef__Output as _quorate_job_v1_ResourceRef__Output } from '../../../quorate/job/v1/ResourceRef.ts';

export interface JavaRun {
  'resource'?: (_quorate_job_v1_ResourceRef | null);
  'mainClass'?: (string);
  'jvmOptions'?: (string)[];
}

export interface JavaRun__Output {
  'resource': (_quorate_job_v1_ResourceRef__Output | null);
  'mainClass': (string);
  'jvmOptions': (string)[];
}

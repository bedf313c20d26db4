// Original file: proto/quorate/job/v1/job.proto

import type { CommandRun as _quorate_job_v1_CommandRun, CommandRun__Output as _quorate_job_v1_CommandRun__Output } from '../../../quorate/job/v1/CommandRun.ts';
import type { JavaRun as _quorate_job_v1_JavaRun, JavaRun__Output as _quorate_job_v1_JavaRun__Output } from '../../../quorate/job/v1/JavaRun.ts';
import type { NodeRun as _quorate_job_v1_NodeRun, NodeRun__Output as _quorate_job_v1_NodeRun__Output } from '../../../quorate/job/v1/NodeRun.ts';

export interface JobSpec {
  'command'?: (_quorate_job_v1_CommandRun | null);
  'java'?: (_quorate_job_v1_JavaRun | null);
  'node'?: (_quorate_job_v1_NodeRun | null);
  'args'?: (string)[];
  'env'?: ({[key: string]: string});
  'slots'?: (number);
  'priority'?: (number);
  'restart'?: (string);
  'stopSignal'?: (string);
  'stopGraceMs'?: (number);
  'onServerDeath'?: (string);
  'onLeaseLoss'?: (string);
  'run'?: "command"|"java"|"node";
}

export interface JobSpec__Output {
  'command'?: (_quorate_job_v1_CommandRun__Output | null);
  'java'?: (_quorate_job_v1_JavaRun__Output | null);
  'node'?: (_quorate_job_v1_NodeRun__Output | null);
  'args': (string)[];
  'env': ({[key: string]: string});
  'slots': (number);
  'priority': (number);
  'restart': (string);
  'stopSignal': (string);
  'stopGraceMs': (number);
  'onServerDeath': (string);
  'onLeaseLoss': (string);
  'run'?: "command"|"java"|"node";
}

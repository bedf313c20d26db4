// Original file: proto/quorate/admin/v1/admin.proto

import type { HealthFinding as _quorate_admin_v1_HealthFinding, HealthFinding__Output as _quorate_admin_v1_HealthFinding__Output } from '../../../quorate/admin/v1/HealthFinding.ts';
import type { ChunkHealth as _quorate_admin_v1_ChunkHealth, ChunkHealth__Output as _quorate_admin_v1_ChunkHealth__Output } from '../../../quorate/admin/v1/ChunkHealth.ts';
import type { Long } from '@grpc/proto-loader';

export interface GetHealthResponse {
  'serverId'?: (string);
  'clusterId'?: (string);
  'version'?: (string);
  'condition'?: (string);
  'findings'?: (_quorate_admin_v1_HealthFinding)[];
  'diskFreeBytes'?: (number | string | Long);
  'diskTotalBytes'?: (number | string | Long);
  'chunks'?: (_quorate_admin_v1_ChunkHealth | null);
  'logEntries'?: (number | string | Long);
  'uptimeMs'?: (number | string | Long);
  'wallMs'?: (number | string | Long);
}

export interface GetHealthResponse__Output {
  'serverId': (string);
  'clusterId': (string);
  'version': (string);
  'condition': (string);
  'findings': (_quorate_admin_v1_HealthFinding__Output)[];
  'diskFreeBytes': (number);
  'diskTotalBytes': (number);
  'chunks': (_quorate_admin_v1_ChunkHealth__Output | null);
  'logEntries': (number);
  'uptimeMs': (number);
  'wallMs': (number);
}

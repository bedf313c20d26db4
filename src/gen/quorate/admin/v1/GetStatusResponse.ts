// Original file: proto/quorate/admin/v1/admin.proto

import type { PeerStatus as _quorate_admin_v1_PeerStatus, PeerStatus__Output as _quorate_admin_v1_PeerStatus__Output } from '../../../quorate/admin/v1/PeerStatus.ts';
import type { Long } from '@grpc/proto-loader';

export interface GetStatusResponse {
  'clusterId'?: (string);
  'serverId'?: (string);
  'role'?: (string);
  'leaderId'?: (string);
  'term'?: (number | string | Long);
  'commitIndex'?: (number | string | Long);
  'appliedIndex'?: (number | string | Long);
  'lastIndex'?: (number | string | Long);
  'snapshotIndex'?: (number | string | Long);
  'version'?: (string);
  'peers'?: (_quorate_admin_v1_PeerStatus)[];
  'voters'?: (number);
  'failuresTolerated'?: (number);
  'jobs'?: (number);
  'jobsAssigned'?: (number);
  'uptimeMs'?: (number | string | Long);
  'rssBytes'?: (number | string | Long);
  'fencing'?: (string);
  'leaseMs'?: (number | string | Long);
}

export interface GetStatusResponse__Output {
  'clusterId': (string);
  'serverId': (string);
  'role': (string);
  'leaderId': (string);
  'term': (number);
  'commitIndex': (number);
  'appliedIndex': (number);
  'lastIndex': (number);
  'snapshotIndex': (number);
  'version': (string);
  'peers': (_quorate_admin_v1_PeerStatus__Output)[];
  'voters': (number);
  'failuresTolerated': (number);
  'jobs': (number);
  'jobsAssigned': (number);
  'uptimeMs': (number);
  'rssBytes': (number);
  'fencing': (string);
  'leaseMs': (number);
}

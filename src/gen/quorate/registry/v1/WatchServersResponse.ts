// Original file: proto/quorate/registry/v1/registry.proto

import type { Server as _quorate_registry_v1_Server, Server__Output as _quorate_registry_v1_Server__Output } from '../../../quorate/registry/v1/Server.ts';
import type { Long } from '@grpc/proto-loader';

export interface WatchServersResponse {
  'servers'?: (_quorate_registry_v1_Server)[];
  'revision'?: (number | string | Long);
}

export interface WatchServersResponse__Output {
  'servers': (_quorate_registry_v1_Server__Output)[];
  'revision': (number);
}

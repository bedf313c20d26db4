// Original file: proto/quorate/registry/v1/registry.proto

import type { Role as _quorate_registry_v1_Role, Role__Output as _quorate_registry_v1_Role__Output } from '../../../quorate/registry/v1/Role.ts';

export interface ListServersRequest {
  'role'?: (_quorate_registry_v1_Role);
  'labels'?: ({[key: string]: string});
}

export interface ListServersRequest__Output {
  'role': (_quorate_registry_v1_Role__Output);
  'labels': ({[key: string]: string});
}

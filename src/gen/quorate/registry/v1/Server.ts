// Original file: proto/quorate/registry/v1/registry.proto

import type { Role as _quorate_registry_v1_Role, Role__Output as _quorate_registry_v1_Role__Output } from '../../../quorate/registry/v1/Role.ts';
import type { Liveness as _quorate_registry_v1_Liveness, Liveness__Output as _quorate_registry_v1_Liveness__Output } from '../../../quorate/registry/v1/Liveness.ts';
import type { Long } from '@grpc/proto-loader';

export interface Server {
  'serverId'?: (string);
  'incarnation'?: (string);
  'peerId'?: (number | string | Long);
  'role'?: (_quorate_registry_v1_Role);
  'liveness'?: (_quorate_registry_v1_Liveness);
  'leader'?: (boolean);
  'adminState'?: (string);
  'reason'?: (string);
  'peerAddress'?: (string);
  'grpcAddress'?: (string);
  'httpAddress'?: (string);
  'zone'?: (string);
  'labels'?: ({[key: string]: string});
  'capacity'?: (number);
  'version'?: (string);
  'session'?: (number | string | Long);
  'modifiedRevision'?: (number | string | Long);
  'wasVoter'?: (boolean);
}

export interface Server__Output {
  'serverId': (string);
  'incarnation': (string);
  'peerId': (number);
  'role': (_quorate_registry_v1_Role__Output);
  'liveness': (_quorate_registry_v1_Liveness__Output);
  'leader': (boolean);
  'adminState': (string);
  'reason': (string);
  'peerAddress': (string);
  'grpcAddress': (string);
  'httpAddress': (string);
  'zone': (string);
  'labels': ({[key: string]: string});
  'capacity': (number);
  'version': (string);
  'session': (number);
  'modifiedRevision': (number);
  'wasVoter': (boolean);
}

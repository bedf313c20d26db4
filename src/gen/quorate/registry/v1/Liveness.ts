// Original file: proto/quorate/registry/v1/registry.proto

export const Liveness = {
  LIVENESS_UNSPECIFIED: 'LIVENESS_UNSPECIFIED',
  LIVENESS_UP: 'LIVENESS_UP',
  LIVENESS_SUSPECT: 'LIVENESS_SUSPECT',
  LIVENESS_DOWN: 'LIVENESS_DOWN',
  LIVENESS_UNKNOWN: 'LIVENESS_UNKNOWN',
} as const;

export type Liveness =
  | 'LIVENESS_UNSPECIFIED'
  | 0
  | 'LIVENESS_UP'
  | 1
  | 'LIVENESS_SUSPECT'
  | 2
  | 'LIVENESS_DOWN'
  | 3
  | 'LIVENESS_UNKNOWN'
  | 4

export type Liveness__Output = typeof Liveness[keyof typeof Liveness]

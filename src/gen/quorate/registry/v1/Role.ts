// Original file: proto/quorate/registry/v1/registry.proto

export const Role = {
  ROLE_UNSPECIFIED: 'ROLE_UNSPECIFIED',
  ROLE_VOTER: 'ROLE_VOTER',
  ROLE_LEARNER: 'ROLE_LEARNER',
  ROLE_REMOVED: 'ROLE_REMOVED',
} as const;

export type Role =
  | 'ROLE_UNSPECIFIED'
  | 0
  | 'ROLE_VOTER'
  | 1
  | 'ROLE_LEARNER'
  | 2
  | 'ROLE_REMOVED'
  | 3

export type Role__Output = typeof Role[keyof typeof Role]

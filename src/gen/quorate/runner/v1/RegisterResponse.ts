// Original file: proto/quorate/runner/v1/runner.proto

import type { Long } from '@grpc/proto-loader';

export interface RegisterResponse {
  'session'?: (number | string | Long);
}

export interface RegisterResponse__Output {
  'session': (number);
}

// Original file: proto/quorate/registry/v1/registry.proto

import type { Long } from '@grpc/proto-loader';

export interface KeyValue {
  'key'?: (string);
  'value'?: (Buffer | Uint8Array | string);
  'createdRevision'?: (number | string | Long);
  'modifiedRevision'?: (number | string | Long);
  'version'?: (number | string | Long);
}

export interface KeyValue__Output {
  'key': (string);
  'value': (Buffer);
  'createdRevision': (number);
  'modifiedRevision': (number);
  'version': (number);
}

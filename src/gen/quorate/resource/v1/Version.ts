// Original file: proto/quorate/resource/v1/resource.proto

import type { Long } from '@grpc/proto-loader';

export interface Version {
  'namespace'?: (string);
  'name'?: (string);
  'version'?: (number);
  'kind'?: (string);
  'digest'?: (string);
  'sizeBytes'?: (number | string | Long);
  'chunks'?: (number);
  'note'?: (string);
  'createdRevision'?: (number | string | Long);
  'createdAtMs'?: (number | string | Long);
  'createdBy'?: (string);
}

export interface Version__Output {
  'namespace': (string);
  'name': (string);
  'version': (number);
  'kind': (string);
  'digest': (string);
  'sizeBytes': (number);
  'chunks': (number);
  'note': (string);
  'createdRevision': (number);
  'createdAtMs': (number);
  'createdBy': (string);
}

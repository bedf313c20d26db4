// Original file: proto/quorate/resource/v1/resource.proto

import type { Long } from '@grpc/proto-loader';

export interface UploadHeader {
  'namespace'?: (string);
  'name'?: (string);
  'kind'?: (string);
  'note'?: (string);
  'sizeBytes'?: (number | string | Long);
  'digest'?: (string);
  '_sizeBytes'?: "sizeBytes";
}

export interface UploadHeader__Output {
  'namespace': (string);
  'name': (string);
  'kind': (string);
  'note': (string);
  'sizeBytes'?: (number);
  'digest': (string);
  '_sizeBytes'?: "sizeBytes";
}

// Original file: proto/quorate/resource/v1/resource.proto

import type { UploadHeader as _quorate_resource_v1_UploadHeader, UploadHeader__Output as _quorate_resource_v1_UploadHeader__Output } from '../../../quorate/resource/v1/UploadHeader.ts';

export interface UploadRequest {
  'header'?: (_quorate_resource_v1_UploadHeader | null);
  'data'?: (Buffer | Uint8Array | string);
  'part'?: "header"|"data";
}

export interface UploadRequest__Output {
  'header'?: (_quorate_resource_v1_UploadHeader__Output | null);
  'data'?: (Buffer);
  'part'?: "header"|"data";
}

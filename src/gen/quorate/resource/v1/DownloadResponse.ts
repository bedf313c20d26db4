// Original file: proto/quorate/resource/v1/resource.proto

import type { Version as _quorate_resource_v1_Version, Version__Output as _quorate_resource_v1_Version__Output } from '../../../quorate/resource/v1/Version.ts';

export interface DownloadResponse {
  'version'?: (_quorate_resource_v1_Version | null);
  'data'?: (Buffer | Uint8Array | string);
  'part'?: "version"|"data";
}

export interface DownloadResponse__Output {
  'version'?: (_quorate_resource_v1_Version__Output | null);
  'data'?: (Buffer);
  'part'?: "version"|"data";
}

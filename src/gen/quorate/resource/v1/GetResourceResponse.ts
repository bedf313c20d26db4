// Original file: proto/quorate/resource/v1/resource.proto

import type { Version as _quorate_resource_v1_Version, Version__Output as _quorate_resource_v1_Version__Output } from '../../../quorate/resource/v1/Version.ts';

export interface GetResourceResponse {
  'version'?: (_quorate_resource_v1_Version | null);
}

export interface GetResourceResponse__Output {
  'version': (_quorate_resource_v1_Version__Output | null);
}

import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { DeleteVersionRequest as _quorate_resource_v1_DeleteVersionRequest, DeleteVersionRequest__Output as _quorate_resource_v1_DeleteVersionRequest__Output } from './quorate/resource/v1/DeleteVersionRequest.ts';
import type { DeleteVersionResponse as _quorate_resource_v1_DeleteVersionResponse, DeleteVersionResponse__Output as _quorate_resource_v1_DeleteVersionResponse__Output } from './quorate/resource/v1/DeleteVersionResponse.ts';
import type { DownloadRequest as _quorate_resource_v1_DownloadRequest, DownloadRequest__Output as _quorate_resource_v1_DownloadRequest__Output } from './quorate/resource/v1/DownloadRequest.ts';
import type { DownloadResponse as _quorate_resource_v1_DownloadResponse, DownloadResponse__Output as _quorate_resource_v1_DownloadResponse__Output } from './quorate/resource/v1/DownloadResponse.ts';
import type { GetResourceRequest as _quorate_resource_v1_GetResourceRequest, GetResourceRequest__Output as _quorate_resource_v1_GetResourceRequest__Output } from './quorate/resource/v1/GetResourceRequest.ts';
import type { GetResourceResponse as _quorate_resource_v1_GetResourceResponse, GetResourceResponse__Output as _quorate_resource_v1_GetResourceResponse__Output } from './quorate/resource/v1/GetResourceResponse.ts';
import type { ListResourcesRequest as _quorate_resource_v1_ListResourcesRequest, ListResourcesRequest__Output as _quorate_resource_v1_ListResourcesRequest__Output } from './quorate/resource/v1/ListResourcesRequest.ts';
import type { ListResourcesResponse as _quorate_resource_v1_ListResourcesResponse, ListResourcesResponse__Output as _quorate_resource_v1_ListResourcesResponse__Output } from './quorate/resource/v1/ListResourcesResponse.ts';
import type { ResourceServiceClient as _quorate_resource_v1_ResourceServiceClient, ResourceServiceDefinition as _quorate_resource_v1_ResourceServiceDefinition } from './quorate/resource/v1/ResourceService.ts';
import type { UploadHeader as _quorate_resource_v1_UploadHeader, UploadHeader__Output as _quorate_resource_v1_UploadHeader__Output } from './quorate/resource/v1/UploadHeader.ts';
import type { UploadRequest as _quorate_resource_v1_UploadRequest, UploadRequest__Output as _quorate_resource_v1_UploadRequest__Output } from './quorate/resource/v1/UploadRequest.ts';
import type { UploadResponse as _quorate_resource_v1_UploadResponse, UploadResponse__Output as _quorate_resource_v1_UploadResponse__Output } from './quorate/resource/v1/UploadResponse.ts';
import type { Version as _quorate_resource_v1_Version, Version__Output as _quorate_resource_v1_Version__Output } from './quorate/resource/v1/Version.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  quorate: {
    resource: {
      v1: {
        DeleteVersionRequest: MessageTypeDefinition<_quorate_resource_v1_DeleteVersionRequest, _quorate_resource_v1_DeleteVersionRequest__Output>
        DeleteVersionResponse: MessageTypeDefinition<_quorate_resource_v1_DeleteVersionResponse, _quorate_resource_v1_DeleteVersionResponse__Output>
        DownloadRequest: MessageTypeDefinition<_quorate_resource_v1_DownloadRequest, _quorate_resource_v1_DownloadRequest__Output>
        DownloadResponse: MessageTypeDefinition<_quorate_resource_v1_DownloadResponse, _quorate_resource_v1_DownloadResponse__Output>
        GetResourceRequest: MessageTypeDefinition<_quorate_resource_v1_GetResourceRequest, _quorate_resource_v1_GetResourceRequest__Output>
        GetResourceResponse: MessageTypeDefinition<_quorate_resource_v1_GetResourceResponse, _quorate_resource_v1_GetResourceResponse__Output>
        ListResourcesRequest: MessageTypeDefinition<_quorate_resource_v1_ListResourcesRequest, _quorate_resource_v1_ListResourcesRequest__Output>
        ListResourcesResponse: MessageTypeDefinition<_quorate_resource_v1_ListResourcesResponse, _quorate_resource_v1_ListResourcesResponse__Output>
        ResourceService: SubtypeConstructor<typeof grpc.Client, _quorate_resource_v1_ResourceServiceClient> & { service: _quorate_resource_v1_ResourceServiceDefinition }
        UploadHeader: MessageTypeDefinition<_quorate_resource_v1_UploadHeader, _quorate_resource_v1_UploadHeader__Output>
        UploadRequest: MessageTypeDefinition<_quorate_resource_v1_UploadRequest, _quorate_resource_v1_UploadRequest__Output>
        UploadResponse: MessageTypeDefinition<_quorate_resource_v1_UploadResponse, _quorate_resource_v1_UploadResponse__Output>
        Version: MessageTypeDefinition<_quorate_resource_v1_Version, _quorate_resource_v1_Version__Output>
      }
    }
  }
}


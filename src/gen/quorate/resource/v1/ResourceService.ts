// Original file: proto/quorate/resource/v1/resource.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { DeleteVersionRequest as _quorate_resource_v1_DeleteVersionRequest, DeleteVersionRequest__Output as _quorate_resource_v1_DeleteVersionRequest__Output } from '../../../quorate/resource/v1/DeleteVersionRequest.ts';
import type { DeleteVersionResponse as _quorate_resource_v1_DeleteVersionResponse, DeleteVersionResponse__Output as _quorate_resource_v1_DeleteVersionResponse__Output } from '../../../quorate/resource/v1/DeleteVersionResponse.ts';
import type { DownloadRequest as _quorate_resource_v1_DownloadRequest, DownloadRequest__Output as _quorate_resource_v1_DownloadRequest__Output } from '../../../quorate/resource/v1/DownloadRequest.ts';
import type { DownloadResponse as _quorate_resource_v1_DownloadResponse, DownloadResponse__Output as _quorate_resource_v1_DownloadResponse__Output } from '../../../quorate/resource/v1/DownloadResponse.ts';
import type { GetResourceRequest as _quorate_resource_v1_GetResourceRequest, GetResourceRequest__Output as _quorate_resource_v1_GetResourceRequest__Output } from '../../../quorate/resource/v1/GetResourceRequest.ts';
import type { GetResourceResponse as _quorate_resource_v1_GetResourceResponse, GetResourceResponse__Output as _quorate_resource_v1_GetResourceResponse__Output } from '../../../quorate/resource/v1/GetResourceResponse.ts';
import type { ListResourcesRequest as _quorate_resource_v1_ListResourcesRequest, ListResourcesRequest__Output as _quorate_resource_v1_ListResourcesRequest__Output } from '../../../quorate/resource/v1/ListResourcesRequest.ts';
import type { ListResourcesResponse as _quorate_resource_v1_ListResourcesResponse, ListResourcesResponse__Output as _quorate_resource_v1_ListResourcesResponse__Output } from '../../../quorate/resource/v1/ListResourcesResponse.ts';
import type { UploadRequest as _quorate_resource_v1_UploadRequest, UploadRequest__Output as _quorate_resource_v1_UploadRequest__Output } from '../../../quorate/resource/v1/UploadRequest.ts';
import type { UploadResponse as _quorate_resource_v1_UploadResponse, UploadResponse__Output as _quorate_resource_v1_UploadResponse__Output } from '../../../quorate/resource/v1/UploadResponse.ts';

export interface ResourceServiceClient extends grpc.Client {
  DeleteVersion(argument: _quorate_resource_v1_DeleteVersionRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_resource_v1_DeleteVersionResponse__Output>): grpc.ClientUnaryCall;
  DeleteVersion(argument: _quorate_resource_v1_DeleteVersionRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_resource_v1_DeleteVersionResponse__Output>): grpc.ClientUnaryCall;
  DeleteVersion(argument: _quorate_resource_v1_DeleteVersionRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_resource_v1_DeleteVersionResponse__Output>): grpc.ClientUnaryCall;
  DeleteVersion(argument: _quorate_resource_v1_DeleteVersionRequest, callback: grpc.requestCallback<_quorate_resource_v1_DeleteVersionResponse__Output>): grpc.ClientUnaryCall;
  deleteVersion(argument: _quorate_resource_v1_DeleteVersionRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_resource_v1_DeleteVersionResponse__Output>): grpc.ClientUnaryCall;
  deleteVersion(argument: _quorate_resource_v1_DeleteVersionRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_resource_v1_DeleteVersionResponse__Output>): grpc.ClientUnaryCall;
  deleteVersion(argument: _quorate_resource_v1_DeleteVersionRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_resource_v1_DeleteVersionResponse__Output>): grpc.ClientUnaryCall;
  deleteVersion(argument: _quorate_resource_v1_DeleteVersionRequest, callback: grpc.requestCallback<_quorate_resource_v1_DeleteVersionResponse__Output>): grpc.ClientUnaryCall;
  
  Download(argument: _quorate_resource_v1_DownloadRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_quorate_resource_v1_DownloadResponse__Output>;
  Download(argument: _quorate_resource_v1_DownloadRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_quorate_resource_v1_DownloadResponse__Output>;
  download(argument: _quorate_resource_v1_DownloadRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_quorate_resource_v1_DownloadResponse__Output>;
  download(argument: _quorate_resource_v1_DownloadRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_quorate_resource_v1_DownloadResponse__Output>;
  
  GetResource(argument: _quorate_resource_v1_GetResourceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_resource_v1_GetResourceResponse__Output>): grpc.ClientUnaryCall;
  GetResource(argument: _quorate_resource_v1_GetResourceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_resource_v1_GetResourceResponse__Output>): grpc.ClientUnaryCall;
  GetResource(argument: _quorate_resource_v1_GetResourceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_resource_v1_GetResourceResponse__Output>): grpc.ClientUnaryCall;
  GetResource(argument: _quorate_resource_v1_GetResourceRequest, callback: grpc.requestCallback<_quorate_resource_v1_GetResourceResponse__Output>): grpc.ClientUnaryCall;
  getResource(argument: _quorate_resource_v1_GetResourceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_resource_v1_GetResourceResponse__Output>): grpc.ClientUnaryCall;
  getResource(argument: _quorate_resource_v1_GetResourceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_resource_v1_GetResourceResponse__Output>): grpc.ClientUnaryCall;
  getResource(argument: _quorate_resource_v1_GetResourceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_resource_v1_GetResourceResponse__Output>): grpc.ClientUnaryCall;
  getResource(argument: _quorate_resource_v1_GetResourceRequest, callback: grpc.requestCallback<_quorate_resource_v1_GetResourceResponse__Output>): grpc.ClientUnaryCall;
  
  ListResources(argument: _quorate_resource_v1_ListResourcesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_resource_v1_ListResourcesResponse__Output>): grpc.ClientUnaryCall;
  ListResources(argument: _quorate_resource_v1_ListResourcesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_resource_v1_ListResourcesResponse__Output>): grpc.ClientUnaryCall;
  ListResources(argument: _quorate_resource_v1_ListResourcesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_resource_v1_ListResourcesResponse__Output>): grpc.ClientUnaryCall;
  ListResources(argument: _quorate_resource_v1_ListResourcesRequest, callback: grpc.requestCallback<_quorate_resource_v1_ListResourcesResponse__Output>): grpc.ClientUnaryCall;
  listResources(argument: _quorate_resource_v1_ListResourcesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_resource_v1_ListResourcesResponse__Output>): grpc.ClientUnaryCall;
  listResources(argument: _quorate_resource_v1_ListResourcesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_resource_v1_ListResourcesResponse__Output>): grpc.ClientUnaryCall;
  listResources(argument: _quorate_resource_v1_ListResourcesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_resource_v1_ListResourcesResponse__Output>): grpc.ClientUnaryCall;
  listResources(argument: _quorate_resource_v1_ListResourcesRequest, callback: grpc.requestCallback<_quorate_resource_v1_ListResourcesResponse__Output>): grpc.ClientUnaryCall;
  
  Upload(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_resource_v1_UploadResponse__Output>): grpc.ClientWritableStream<_quorate_resource_v1_UploadRequest>;
  Upload(metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_resource_v1_UploadResponse__Output>): grpc.ClientWritableStream<_quorate_resource_v1_UploadRequest>;
  Upload(options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_resource_v1_UploadResponse__Output>): grpc.ClientWritableStream<_quorate_resource_v1_UploadRequest>;
  Upload(callback: grpc.requestCallback<_quorate_resource_v1_UploadResponse__Output>): grpc.ClientWritableStream<_quorate_resource_v1_UploadRequest>;
  upload(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_resource_v1_UploadResponse__Output>): grpc.ClientWritableStream<_quorate_resource_v1_UploadRequest>;
  upload(metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_resource_v1_UploadResponse__Output>): grpc.ClientWritableStream<_quorate_resource_v1_UploadRequest>;
  upload(options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_resource_v1_UploadResponse__Output>): grpc.ClientWritableStream<_quorate_resource_v1_UploadRequest>;
  upload(callback: grpc.requestCallback<_quorate_resource_v1_UploadResponse__Output>): grpc.ClientWritableStream<_quorate_resource_v1_UploadRequest>;
  
}

export interface ResourceServiceHandlers extends grpc.UntypedServiceImplementation {
  DeleteVersion: grpc.handleUnaryCall<_quorate_resource_v1_DeleteVersionRequest__Output, _quorate_resource_v1_DeleteVersionResponse>;
  
  Download: grpc.handleServerStreamingCall<_quorate_resource_v1_DownloadRequest__Output, _quorate_resource_v1_DownloadResponse>;
  
  GetResource: grpc.handleUnaryCall<_quorate_resource_v1_GetResourceRequest__Output, _quorate_resource_v1_GetResourceResponse>;
  
  ListResources: grpc.handleUnaryCall<_quorate_resource_v1_ListResourcesRequest__Output, _quorate_resource_v1_ListResourcesResponse>;
  
  Upload: grpc.handleClientStreamingCall<_quorate_resource_v1_UploadRequest__Output, _quorate_resource_v1_UploadResponse>;
  
}

export interface ResourceServiceDefinition extends grpc.ServiceDefinition {
  DeleteVersion: MethodDefinition<_quorate_resource_v1_DeleteVersionRequest, _quorate_resource_v1_DeleteVersionResponse, _quorate_resource_v1_DeleteVersionRequest__Output, _quorate_resource_v1_DeleteVersionResponse__Output>
  Download: MethodDefinition<_quorate_resource_v1_DownloadRequest, _quorate_resource_v1_DownloadResponse, _quorate_resource_v1_DownloadRequest__Output, _quorate_resource_v1_DownloadResponse__Output>
  GetResource: MethodDefinition<_quorate_resource_v1_GetResourceRequest, _quorate_resource_v1_GetResourceResponse, _quorate_resource_v1_GetResourceRequest__Output, _quorate_resource_v1_GetResourceResponse__Output>
  ListResources: MethodDefinition<_quorate_resource_v1_ListResourcesRequest, _quorate_resource_v1_ListResourcesResponse, _quorate_resource_v1_ListResourcesRequest__Output, _quorate_resource_v1_ListResourcesResponse__Output>
  Upload: MethodDefinition<_quorate_resource_v1_UploadRequest, _quorate_resource_v1_UploadResponse, _quorate_resource_v1_UploadRequest__Output, _quorate_resource_v1_UploadResponse__Output>
}

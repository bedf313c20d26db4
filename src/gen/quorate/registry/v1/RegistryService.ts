// Original file: proto/quorate/registry/v1/registry.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { DeleteRequest as _quorate_registry_v1_DeleteRequest, DeleteRequest__Output as _quorate_registry_v1_DeleteRequest__Output } from '../../../quorate/registry/v1/DeleteRequest.ts';
import type { DeleteResponse as _quorate_registry_v1_DeleteResponse, DeleteResponse__Output as _quorate_registry_v1_DeleteResponse__Output } from '../../../quorate/registry/v1/DeleteResponse.ts';
import type { GetRequest as _quorate_registry_v1_GetRequest, GetRequest__Output as _quorate_registry_v1_GetRequest__Output } from '../../../quorate/registry/v1/GetRequest.ts';
import type { GetResponse as _quorate_registry_v1_GetResponse, GetResponse__Output as _quorate_registry_v1_GetResponse__Output } from '../../../quorate/registry/v1/GetResponse.ts';
import type { ListRequest as _quorate_registry_v1_ListRequest, ListRequest__Output as _quorate_registry_v1_ListRequest__Output } from '../../../quorate/registry/v1/ListRequest.ts';
import type { ListResponse as _quorate_registry_v1_ListResponse, ListResponse__Output as _quorate_registry_v1_ListResponse__Output } from '../../../quorate/registry/v1/ListResponse.ts';
import type { ListServersRequest as _quorate_registry_v1_ListServersRequest, ListServersRequest__Output as _quorate_registry_v1_ListServersRequest__Output } from '../../../quorate/registry/v1/ListServersRequest.ts';
import type { ListServersResponse as _quorate_registry_v1_ListServersResponse, ListServersResponse__Output as _quorate_registry_v1_ListServersResponse__Output } from '../../../quorate/registry/v1/ListServersResponse.ts';
import type { PutRequest as _quorate_registry_v1_PutRequest, PutRequest__Output as _quorate_registry_v1_PutRequest__Output } from '../../../quorate/registry/v1/PutRequest.ts';
import type { PutResponse as _quorate_registry_v1_PutResponse, PutResponse__Output as _quorate_registry_v1_PutResponse__Output } from '../../../quorate/registry/v1/PutResponse.ts';
import type { WatchServersRequest as _quorate_registry_v1_WatchServersRequest, WatchServersRequest__Output as _quorate_registry_v1_WatchServersRequest__Output } from '../../../quorate/registry/v1/WatchServersRequest.ts';
import type { WatchServersResponse as _quorate_registry_v1_WatchServersResponse, WatchServersResponse__Output as _quorate_registry_v1_WatchServersResponse__Output } from '../../../quorate/registry/v1/WatchServersResponse.ts';

export interface RegistryServiceClient extends grpc.Client {
  Delete(argument: _quorate_registry_v1_DeleteRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_DeleteResponse__Output>): grpc.ClientUnaryCall;
  Delete(argument: _quorate_registry_v1_DeleteRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_registry_v1_DeleteResponse__Output>): grpc.ClientUnaryCall;
  Delete(argument: _quorate_registry_v1_DeleteRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_DeleteResponse__Output>): grpc.ClientUnaryCall;
  Delete(argument: _quorate_registry_v1_DeleteRequest, callback: grpc.requestCallback<_quorate_registry_v1_DeleteResponse__Output>): grpc.ClientUnaryCall;
  delete(argument: _quorate_registry_v1_DeleteRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_DeleteResponse__Output>): grpc.ClientUnaryCall;
  delete(argument: _quorate_registry_v1_DeleteRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_registry_v1_DeleteResponse__Output>): grpc.ClientUnaryCall;
  delete(argument: _quorate_registry_v1_DeleteRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_DeleteResponse__Output>): grpc.ClientUnaryCall;
  delete(argument: _quorate_registry_v1_DeleteRequest, callback: grpc.requestCallback<_quorate_registry_v1_DeleteResponse__Output>): grpc.ClientUnaryCall;
  
  Get(argument: _quorate_registry_v1_GetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_GetResponse__Output>): grpc.ClientUnaryCall;
  Get(argument: _quorate_registry_v1_GetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_registry_v1_GetResponse__Output>): grpc.ClientUnaryCall;
  Get(argument: _quorate_registry_v1_GetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_GetResponse__Output>): grpc.ClientUnaryCall;
  Get(argument: _quorate_registry_v1_GetRequest, callback: grpc.requestCallback<_quorate_registry_v1_GetResponse__Output>): grpc.ClientUnaryCall;
  get(argument: _quorate_registry_v1_GetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_GetResponse__Output>): grpc.ClientUnaryCall;
  get(argument: _quorate_registry_v1_GetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_registry_v1_GetResponse__Output>): grpc.ClientUnaryCall;
  get(argument: _quorate_registry_v1_GetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_GetResponse__Output>): grpc.ClientUnaryCall;
  get(argument: _quorate_registry_v1_GetRequest, callback: grpc.requestCallback<_quorate_registry_v1_GetResponse__Output>): grpc.ClientUnaryCall;
  
  List(argument: _quorate_registry_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _quorate_registry_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_registry_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _quorate_registry_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _quorate_registry_v1_ListRequest, callback: grpc.requestCallback<_quorate_registry_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _quorate_registry_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _quorate_registry_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_registry_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _quorate_registry_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _quorate_registry_v1_ListRequest, callback: grpc.requestCallback<_quorate_registry_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  
  ListServers(argument: _quorate_registry_v1_ListServersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_ListServersResponse__Output>): grpc.ClientUnaryCall;
  ListServers(argument: _quorate_registry_v1_ListServersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_registry_v1_ListServersResponse__Output>): grpc.ClientUnaryCall;
  ListServers(argument: _quorate_registry_v1_ListServersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_ListServersResponse__Output>): grpc.ClientUnaryCall;
  ListServers(argument: _quorate_registry_v1_ListServersRequest, callback: grpc.requestCallback<_quorate_registry_v1_ListServersResponse__Output>): grpc.ClientUnaryCall;
  listServers(argument: _quorate_registry_v1_ListServersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_ListServersResponse__Output>): grpc.ClientUnaryCall;
  listServers(argument: _quorate_registry_v1_ListServersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_registry_v1_ListServersResponse__Output>): grpc.ClientUnaryCall;
  listServers(argument: _quorate_registry_v1_ListServersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_ListServersResponse__Output>): grpc.ClientUnaryCall;
  listServers(argument: _quorate_registry_v1_ListServersRequest, callback: grpc.requestCallback<_quorate_registry_v1_ListServersResponse__Output>): grpc.ClientUnaryCall;
  
  Put(argument: _quorate_registry_v1_PutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_PutResponse__Output>): grpc.ClientUnaryCall;
  Put(argument: _quorate_registry_v1_PutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_registry_v1_PutResponse__Output>): grpc.ClientUnaryCall;
  Put(argument: _quorate_registry_v1_PutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_PutResponse__Output>): grpc.ClientUnaryCall;
  Put(argument: _quorate_registry_v1_PutRequest, callback: grpc.requestCallback<_quorate_registry_v1_PutResponse__Output>): grpc.ClientUnaryCall;
  put(argument: _quorate_registry_v1_PutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_PutResponse__Output>): grpc.ClientUnaryCall;
  put(argument: _quorate_registry_v1_PutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_registry_v1_PutResponse__Output>): grpc.ClientUnaryCall;
  put(argument: _quorate_registry_v1_PutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_registry_v1_PutResponse__Output>): grpc.ClientUnaryCall;
  put(argument: _quorate_registry_v1_PutRequest, callback: grpc.requestCallback<_quorate_registry_v1_PutResponse__Output>): grpc.ClientUnaryCall;
  
  WatchServers(argument: _quorate_registry_v1_WatchServersRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_quorate_registry_v1_WatchServersResponse__Output>;
  WatchServers(argument: _quorate_registry_v1_WatchServersRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_quorate_registry_v1_WatchServersResponse__Output>;
  watchServers(argument: _quorate_registry_v1_WatchServersRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_quorate_registry_v1_WatchServersResponse__Output>;
  watchServers(argument: _quorate_registry_v1_WatchServersRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_quorate_registry_v1_WatchServersResponse__Output>;
  
}

export interface RegistryServiceHandlers extends grpc.UntypedServiceImplementation {
  Delete: grpc.handleUnaryCall<_quorate_registry_v1_DeleteRequest__Output, _quorate_registry_v1_DeleteResponse>;
  
  Get: grpc.handleUnaryCall<_quorate_registry_v1_GetRequest__Output, _quorate_registry_v1_GetResponse>;
  
  List: grpc.handleUnaryCall<_quorate_registry_v1_ListRequest__Output, _quorate_registry_v1_ListResponse>;
  
  ListServers: grpc.handleUnaryCall<_quorate_registry_v1_ListServersRequest__Output, _quorate_registry_v1_ListServersResponse>;
  
  Put: grpc.handleUnaryCall<_quorate_registry_v1_PutRequest__Output, _quorate_registry_v1_PutResponse>;
  
  WatchServers: grpc.handleServerStreamingCall<_quorate_registry_v1_WatchServersRequest__Output, _quorate_registry_v1_WatchServersResponse>;
  
}

export interface RegistryServiceDefinition extends grpc.ServiceDefinition {
  Delete: MethodDefinition<_quorate_registry_v1_DeleteRequest, _quorate_registry_v1_DeleteResponse, _quorate_registry_v1_DeleteRequest__Output, _quorate_registry_v1_DeleteResponse__Output>
  Get: MethodDefinition<_quorate_registry_v1_GetRequest, _quorate_registry_v1_GetResponse, _quorate_registry_v1_GetRequest__Output, _quorate_registry_v1_GetResponse__Output>
  List: MethodDefinition<_quorate_registry_v1_ListRequest, _quorate_registry_v1_ListResponse, _quorate_registry_v1_ListRequest__Output, _quorate_registry_v1_ListResponse__Output>
  ListServers: MethodDefinition<_quorate_registry_v1_ListServersRequest, _quorate_registry_v1_ListServersResponse, _quorate_registry_v1_ListServersRequest__Output, _quorate_registry_v1_ListServersResponse__Output>
  Put: MethodDefinition<_quorate_registry_v1_PutRequest, _quorate_registry_v1_PutResponse, _quorate_registry_v1_PutRequest__Output, _quorate_registry_v1_PutResponse__Output>
  WatchServers: MethodDefinition<_quorate_registry_v1_WatchServersRequest, _quorate_registry_v1_WatchServersResponse, _quorate_registry_v1_WatchServersRequest__Output, _quorate_registry_v1_WatchServersResponse__Output>
}

// Original file: proto/quorate/admin/v1/admin.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AddServerRequest as _quorate_admin_v1_AddServerRequest, AddServerRequest__Output as _quorate_admin_v1_AddServerRequest__Output } from '../../../quorate/admin/v1/AddServerRequest.ts';
import type { AddServerResponse as _quorate_admin_v1_AddServerResponse, AddServerResponse__Output as _quorate_admin_v1_AddServerResponse__Output } from '../../../quorate/admin/v1/AddServerResponse.ts';
import type { GetHealthRequest as _quorate_admin_v1_GetHealthRequest, GetHealthRequest__Output as _quorate_admin_v1_GetHealthRequest__Output } from '../../../quorate/admin/v1/GetHealthRequest.ts';
import type { GetHealthResponse as _quorate_admin_v1_GetHealthResponse, GetHealthResponse__Output as _quorate_admin_v1_GetHealthResponse__Output } from '../../../quorate/admin/v1/GetHealthResponse.ts';
import type { GetStatusRequest as _quorate_admin_v1_GetStatusRequest, GetStatusRequest__Output as _quorate_admin_v1_GetStatusRequest__Output } from '../../../quorate/admin/v1/GetStatusRequest.ts';
import type { GetStatusResponse as _quorate_admin_v1_GetStatusResponse, GetStatusResponse__Output as _quorate_admin_v1_GetStatusResponse__Output } from '../../../quorate/admin/v1/GetStatusResponse.ts';
import type { OpenClientSessionRequest as _quorate_admin_v1_OpenClientSessionRequest, OpenClientSessionRequest__Output as _quorate_admin_v1_OpenClientSessionRequest__Output } from '../../../quorate/admin/v1/OpenClientSessionRequest.ts';
import type { OpenClientSessionResponse as _quorate_admin_v1_OpenClientSessionResponse, OpenClientSessionResponse__Output as _quorate_admin_v1_OpenClientSessionResponse__Output } from '../../../quorate/admin/v1/OpenClientSessionResponse.ts';
import type { PromoteServerRequest as _quorate_admin_v1_PromoteServerRequest, PromoteServerRequest__Output as _quorate_admin_v1_PromoteServerRequest__Output } from '../../../quorate/admin/v1/PromoteServerRequest.ts';
import type { PromoteServerResponse as _quorate_admin_v1_PromoteServerResponse, PromoteServerResponse__Output as _quorate_admin_v1_PromoteServerResponse__Output } from '../../../quorate/admin/v1/PromoteServerResponse.ts';
import type { RemoveServerRequest as _quorate_admin_v1_RemoveServerRequest, RemoveServerRequest__Output as _quorate_admin_v1_RemoveServerRequest__Output } from '../../../quorate/admin/v1/RemoveServerRequest.ts';
import type { RemoveServerResponse as _quorate_admin_v1_RemoveServerResponse, RemoveServerResponse__Output as _quorate_admin_v1_RemoveServerResponse__Output } from '../../../quorate/admin/v1/RemoveServerResponse.ts';
import type { SetServerStateRequest as _quorate_admin_v1_SetServerStateRequest, SetServerStateRequest__Output as _quorate_admin_v1_SetServerStateRequest__Output } from '../../../quorate/admin/v1/SetServerStateRequest.ts';
import type { SetServerStateResponse as _quorate_admin_v1_SetServerStateResponse, SetServerStateResponse__Output as _quorate_admin_v1_SetServerStateResponse__Output } from '../../../quorate/admin/v1/SetServerStateResponse.ts';
import type { TransferLeadershipRequest as _quorate_admin_v1_TransferLeadershipRequest, TransferLeadershipRequest__Output as _quorate_admin_v1_TransferLeadershipRequest__Output } from '../../../quorate/admin/v1/TransferLeadershipRequest.ts';
import type { TransferLeadershipResponse as _quorate_admin_v1_TransferLeadershipResponse, TransferLeadershipResponse__Output as _quorate_admin_v1_TransferLeadershipResponse__Output } from '../../../quorate/admin/v1/TransferLeadershipResponse.ts';

export interface AdminServiceClient extends grpc.Client {
  AddServer(argument: _quorate_admin_v1_AddServerRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_AddServerResponse__Output>): grpc.ClientUnaryCall;
  AddServer(argument: _quorate_admin_v1_AddServerRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_admin_v1_AddServerResponse__Output>): grpc.ClientUnaryCall;
  AddServer(argument: _quorate_admin_v1_AddServerRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_AddServerResponse__Output>): grpc.ClientUnaryCall;
  AddServer(argument: _quorate_admin_v1_AddServerRequest, callback: grpc.requestCallback<_quorate_admin_v1_AddServerResponse__Output>): grpc.ClientUnaryCall;
  addServer(argument: _quorate_admin_v1_AddServerRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_AddServerResponse__Output>): grpc.ClientUnaryCall;
  addServer(argument: _quorate_admin_v1_AddServerRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_admin_v1_AddServerResponse__Output>): grpc.ClientUnaryCall;
  addServer(argument: _quorate_admin_v1_AddServerRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_AddServerResponse__Output>): grpc.ClientUnaryCall;
  addServer(argument: _quorate_admin_v1_AddServerRequest, callback: grpc.requestCallback<_quorate_admin_v1_AddServerResponse__Output>): grpc.ClientUnaryCall;
  
  GetHealth(argument: _quorate_admin_v1_GetHealthRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_GetHealthResponse__Output>): grpc.ClientUnaryCall;
  GetHealth(argument: _quorate_admin_v1_GetHealthRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_admin_v1_GetHealthResponse__Output>): grpc.ClientUnaryCall;
  GetHealth(argument: _quorate_admin_v1_GetHealthRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_GetHealthResponse__Output>): grpc.ClientUnaryCall;
  GetHealth(argument: _quorate_admin_v1_GetHealthRequest, callback: grpc.requestCallback<_quorate_admin_v1_GetHealthResponse__Output>): grpc.ClientUnaryCall;
  getHealth(argument: _quorate_admin_v1_GetHealthRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_GetHealthResponse__Output>): grpc.ClientUnaryCall;
  getHealth(argument: _quorate_admin_v1_GetHealthRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_admin_v1_GetHealthResponse__Output>): grpc.ClientUnaryCall;
  getHealth(argument: _quorate_admin_v1_GetHealthRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_GetHealthResponse__Output>): grpc.ClientUnaryCall;
  getHealth(argument: _quorate_admin_v1_GetHealthRequest, callback: grpc.requestCallback<_quorate_admin_v1_GetHealthResponse__Output>): grpc.ClientUnaryCall;
  
  GetStatus(argument: _quorate_admin_v1_GetStatusRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_GetStatusResponse__Output>): grpc.ClientUnaryCall;
  GetStatus(argument: _quorate_admin_v1_GetStatusRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_admin_v1_GetStatusResponse__Output>): grpc.ClientUnaryCall;
  GetStatus(argument: _quorate_admin_v1_GetStatusRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_GetStatusResponse__Output>): grpc.ClientUnaryCall;
  GetStatus(argument: _quorate_admin_v1_GetStatusRequest, callback: grpc.requestCallback<_quorate_admin_v1_GetStatusResponse__Output>): grpc.ClientUnaryCall;
  getStatus(argument: _quorate_admin_v1_GetStatusRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_GetStatusResponse__Output>): grpc.ClientUnaryCall;
  getStatus(argument: _quorate_admin_v1_GetStatusRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_admin_v1_GetStatusResponse__Output>): grpc.ClientUnaryCall;
  getStatus(argument: _quorate_admin_v1_GetStatusRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_GetStatusResponse__Output>): grpc.ClientUnaryCall;
  getStatus(argument: _quorate_admin_v1_GetStatusRequest, callback: grpc.requestCallback<_quorate_admin_v1_GetStatusResponse__Output>): grpc.ClientUnaryCall;
  
  OpenClientSession(argument: _quorate_admin_v1_OpenClientSessionRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_OpenClientSessionResponse__Output>): grpc.ClientUnaryCall;
  OpenClientSession(argument: _quorate_admin_v1_OpenClientSessionRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_admin_v1_OpenClientSessionResponse__Output>): grpc.ClientUnaryCall;
  OpenClientSession(argument: _quorate_admin_v1_OpenClientSessionRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_OpenClientSessionResponse__Output>): grpc.ClientUnaryCall;
  OpenClientSession(argument: _quorate_admin_v1_OpenClientSessionRequest, callback: grpc.requestCallback<_quorate_admin_v1_OpenClientSessionResponse__Output>): grpc.ClientUnaryCall;
  openClientSession(argument: _quorate_admin_v1_OpenClientSessionRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_OpenClientSessionResponse__Output>): grpc.ClientUnaryCall;
  openClientSession(argument: _quorate_admin_v1_OpenClientSessionRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_admin_v1_OpenClientSessionResponse__Output>): grpc.ClientUnaryCall;
  openClientSession(argument: _quorate_admin_v1_OpenClientSessionRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_OpenClientSessionResponse__Output>): grpc.ClientUnaryCall;
  openClientSession(argument: _quorate_admin_v1_OpenClientSessionRequest, callback: grpc.requestCallback<_quorate_admin_v1_OpenClientSessionResponse__Output>): grpc.ClientUnaryCall;
  
  PromoteServer(argument: _quorate_admin_v1_PromoteServerRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_PromoteServerResponse__Output>): grpc.ClientUnaryCall;
  PromoteServer(argument: _quorate_admin_v1_PromoteServerRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_admin_v1_PromoteServerResponse__Output>): grpc.ClientUnaryCall;
  PromoteServer(argument: _quorate_admin_v1_PromoteServerRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_PromoteServerResponse__Output>): grpc.ClientUnaryCall;
  PromoteServer(argument: _quorate_admin_v1_PromoteServerRequest, callback: grpc.requestCallback<_quorate_admin_v1_PromoteServerResponse__Output>): grpc.ClientUnaryCall;
  promoteServer(argument: _quorate_admin_v1_PromoteServerRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_PromoteServerResponse__Output>): grpc.ClientUnaryCall;
  promoteServer(argument: _quorate_admin_v1_PromoteServerRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_admin_v1_PromoteServerResponse__Output>): grpc.ClientUnaryCall;
  promoteServer(argument: _quorate_admin_v1_PromoteServerRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_PromoteServerResponse__Output>): grpc.ClientUnaryCall;
  promoteServer(argument: _quorate_admin_v1_PromoteServerRequest, callback: grpc.requestCallback<_quorate_admin_v1_PromoteServerResponse__Output>): grpc.ClientUnaryCall;
  
  RemoveServer(argument: _quorate_admin_v1_RemoveServerRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_RemoveServerResponse__Output>): grpc.ClientUnaryCall;
  RemoveServer(argument: _quorate_admin_v1_RemoveServerRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_admin_v1_RemoveServerResponse__Output>): grpc.ClientUnaryCall;
  RemoveServer(argument: _quorate_admin_v1_RemoveServerRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_RemoveServerResponse__Output>): grpc.ClientUnaryCall;
  RemoveServer(argument: _quorate_admin_v1_RemoveServerRequest, callback: grpc.requestCallback<_quorate_admin_v1_RemoveServerResponse__Output>): grpc.ClientUnaryCall;
  removeServer(argument: _quorate_admin_v1_RemoveServerRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_RemoveServerResponse__Output>): grpc.ClientUnaryCall;
  removeServer(argument: _quorate_admin_v1_RemoveServerRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_admin_v1_RemoveServerResponse__Output>): grpc.ClientUnaryCall;
  removeServer(argument: _quorate_admin_v1_RemoveServerRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_RemoveServerResponse__Output>): grpc.ClientUnaryCall;
  removeServer(argument: _quorate_admin_v1_RemoveServerRequest, callback: grpc.requestCallback<_quorate_admin_v1_RemoveServerResponse__Output>): grpc.ClientUnaryCall;
  
  SetServerState(argument: _quorate_admin_v1_SetServerStateRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_SetServerStateResponse__Output>): grpc.ClientUnaryCall;
  SetServerState(argument: _quorate_admin_v1_SetServerStateRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_admin_v1_SetServerStateResponse__Output>): grpc.ClientUnaryCall;
  SetServerState(argument: _quorate_admin_v1_SetServerStateRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_SetServerStateResponse__Output>): grpc.ClientUnaryCall;
  SetServerState(argument: _quorate_admin_v1_SetServerStateRequest, callback: grpc.requestCallback<_quorate_admin_v1_SetServerStateResponse__Output>): grpc.ClientUnaryCall;
  setServerState(argument: _quorate_admin_v1_SetServerStateRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_SetServerStateResponse__Output>): grpc.ClientUnaryCall;
  setServerState(argument: _quorate_admin_v1_SetServerStateRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_admin_v1_SetServerStateResponse__Output>): grpc.ClientUnaryCall;
  setServerState(argument: _quorate_admin_v1_SetServerStateRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_SetServerStateResponse__Output>): grpc.ClientUnaryCall;
  setServerState(argument: _quorate_admin_v1_SetServerStateRequest, callback: grpc.requestCallback<_quorate_admin_v1_SetServerStateResponse__Output>): grpc.ClientUnaryCall;
  
  TransferLeadership(argument: _quorate_admin_v1_TransferLeadershipRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_TransferLeadershipResponse__Output>): grpc.ClientUnaryCall;
  TransferLeadership(argument: _quorate_admin_v1_TransferLeadershipRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_admin_v1_TransferLeadershipResponse__Output>): grpc.ClientUnaryCall;
  TransferLeadership(argument: _quorate_admin_v1_TransferLeadershipRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_TransferLeadershipResponse__Output>): grpc.ClientUnaryCall;
  TransferLeadership(argument: _quorate_admin_v1_TransferLeadershipRequest, callback: grpc.requestCallback<_quorate_admin_v1_TransferLeadershipResponse__Output>): grpc.ClientUnaryCall;
  transferLeadership(argument: _quorate_admin_v1_TransferLeadershipRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_TransferLeadershipResponse__Output>): grpc.ClientUnaryCall;
  transferLeadership(argument: _quorate_admin_v1_TransferLeadershipRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_admin_v1_TransferLeadershipResponse__Output>): grpc.ClientUnaryCall;
  transferLeadership(argument: _quorate_admin_v1_TransferLeadershipRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_admin_v1_TransferLeadershipResponse__Output>): grpc.ClientUnaryCall;
  transferLeadership(argument: _quorate_admin_v1_TransferLeadershipRequest, callback: grpc.requestCallback<_quorate_admin_v1_TransferLeadershipResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface AdminServiceHandlers extends grpc.UntypedServiceImplementation {
  AddServer: grpc.handleUnaryCall<_quorate_admin_v1_AddServerRequest__Output, _quorate_admin_v1_AddServerResponse>;
  
  GetHealth: grpc.handleUnaryCall<_quorate_admin_v1_GetHealthRequest__Output, _quorate_admin_v1_GetHealthResponse>;
  
  GetStatus: grpc.handleUnaryCall<_quorate_admin_v1_GetStatusRequest__Output, _quorate_admin_v1_GetStatusResponse>;
  
  OpenClientSession: grpc.handleUnaryCall<_quorate_admin_v1_OpenClientSessionRequest__Output, _quorate_admin_v1_OpenClientSessionResponse>;
  
  PromoteServer: grpc.handleUnaryCall<_quorate_admin_v1_PromoteServerRequest__Output, _quorate_admin_v1_PromoteServerResponse>;
  
  RemoveServer: grpc.handleUnaryCall<_quorate_admin_v1_RemoveServerRequest__Output, _quorate_admin_v1_RemoveServerResponse>;
  
  SetServerState: grpc.handleUnaryCall<_quorate_admin_v1_SetServerStateRequest__Output, _quorate_admin_v1_SetServerStateResponse>;
  
  TransferLeadership: grpc.handleUnaryCall<_quorate_admin_v1_TransferLeadershipRequest__Output, _quorate_admin_v1_TransferLeadershipResponse>;
  
}

export interface AdminServiceDefinition extends grpc.ServiceDefinition {
  AddServer: MethodDefinition<_quorate_admin_v1_AddServerRequest, _quorate_admin_v1_AddServerResponse, _quorate_admin_v1_AddServerRequest__Output, _quorate_admin_v1_AddServerResponse__Output>
  GetHealth: MethodDefinition<_quorate_admin_v1_GetHealthRequest, _quorate_admin_v1_GetHealthResponse, _quorate_admin_v1_GetHealthRequest__Output, _quorate_admin_v1_GetHealthResponse__Output>
  GetStatus: MethodDefinition<_quorate_admin_v1_GetStatusRequest, _quorate_admin_v1_GetStatusResponse, _quorate_admin_v1_GetStatusRequest__Output, _quorate_admin_v1_GetStatusResponse__Output>
  OpenClientSession: MethodDefinition<_quorate_admin_v1_OpenClientSessionRequest, _quorate_admin_v1_OpenClientSessionResponse, _quorate_admin_v1_OpenClientSessionRequest__Output, _quorate_admin_v1_OpenClientSessionResponse__Output>
  PromoteServer: MethodDefinition<_quorate_admin_v1_PromoteServerRequest, _quorate_admin_v1_PromoteServerResponse, _quorate_admin_v1_PromoteServerRequest__Output, _quorate_admin_v1_PromoteServerResponse__Output>
  RemoveServer: MethodDefinition<_quorate_admin_v1_RemoveServerRequest, _quorate_admin_v1_RemoveServerResponse, _quorate_admin_v1_RemoveServerRequest__Output, _quorate_admin_v1_RemoveServerResponse__Output>
  SetServerState: MethodDefinition<_quorate_admin_v1_SetServerStateRequest, _quorate_admin_v1_SetServerStateResponse, _quorate_admin_v1_SetServerStateRequest__Output, _quorate_admin_v1_SetServerStateResponse__Output>
  TransferLeadership: MethodDefinition<_quorate_admin_v1_TransferLeadershipRequest, _quorate_admin_v1_TransferLeadershipResponse, _quorate_admin_v1_TransferLeadershipRequest__Output, _quorate_admin_v1_TransferLeadershipResponse__Output>
}

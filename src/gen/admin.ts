import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { AddServerRequest as _quorate_admin_v1_AddServerRequest, AddServerRequest__Output as _quorate_admin_v1_AddServerRequest__Output } from './quorate/admin/v1/AddServerRequest.ts';
import type { AddServerResponse as _quorate_admin_v1_AddServerResponse, AddServerResponse__Output as _quorate_admin_v1_AddServerResponse__Output } from './quorate/admin/v1/AddServerResponse.ts';
import type { AdminServiceClient as _quorate_admin_v1_AdminServiceClient, AdminServiceDefinition as _quorate_admin_v1_AdminServiceDefinition } from './quorate/admin/v1/AdminService.ts';
import type { ChunkHealth as _quorate_admin_v1_ChunkHealth, ChunkHealth__Output as _quorate_admin_v1_ChunkHealth__Output } from './quorate/admin/v1/ChunkHealth.ts';
import type { GetHealthRequest as _quorate_admin_v1_GetHealthRequest, GetHealthRequest__Output as _quorate_admin_v1_GetHealthRequest__Output } from './quorate/admin/v1/GetHealthRequest.ts';
import type { GetHealthResponse as _quorate_admin_v1_GetHealthResponse, GetHealthResponse__Output as _quorate_admin_v1_GetHealthResponse__Output } from './quorate/admin/v1/GetHealthResponse.ts';
import type { GetStatusRequest as _quorate_admin_v1_GetStatusRequest, GetStatusRequest__Output as _quorate_admin_v1_GetStatusRequest__Output } from './quorate/admin/v1/GetStatusRequest.ts';
import type { GetStatusResponse as _quorate_admin_v1_GetStatusResponse, GetStatusResponse__Output as _quorate_admin_v1_GetStatusResponse__Output } from './quorate/admin/v1/GetStatusResponse.ts';
import type { HealthFinding as _quorate_admin_v1_HealthFinding, HealthFinding__Output as _quorate_admin_v1_HealthFinding__Output } from './quorate/admin/v1/HealthFinding.ts';
import type { OpenClientSessionRequest as _quorate_admin_v1_OpenClientSessionRequest, OpenClientSessionRequest__Output as _quorate_admin_v1_OpenClientSessionRequest__Output } from './quorate/admin/v1/OpenClientSessionRequest.ts';
import type { OpenClientSessionResponse as _quorate_admin_v1_OpenClientSessionResponse, OpenClientSessionResponse__Output as _quorate_admin_v1_OpenClientSessionResponse__Output } from './quorate/admin/v1/OpenClientSessionResponse.ts';
import type { PeerStatus as _quorate_admin_v1_PeerStatus, PeerStatus__Output as _quorate_admin_v1_PeerStatus__Output } from './quorate/admin/v1/PeerStatus.ts';
import type { PromoteServerRequest as _quorate_admin_v1_PromoteServerRequest, PromoteServerRequest__Output as _quorate_admin_v1_PromoteServerRequest__Output } from './quorate/admin/v1/PromoteServerRequest.ts';
import type { PromoteServerResponse as _quorate_admin_v1_PromoteServerResponse, PromoteServerResponse__Output as _quorate_admin_v1_PromoteServerResponse__Output } from './quorate/admin/v1/PromoteServerResponse.ts';
import type { RemoveServerRequest as _quorate_admin_v1_RemoveServerRequest, RemoveServerRequest__Output as _quorate_admin_v1_RemoveServerRequest__Output } from './quorate/admin/v1/RemoveServerRequest.ts';
import type { RemoveServerResponse as _quorate_admin_v1_RemoveServerResponse, RemoveServerResponse__Output as _quorate_admin_v1_RemoveServerResponse__Output } from './quorate/admin/v1/RemoveServerResponse.ts';
import type { SetServerStateRequest as _quorate_admin_v1_SetServerStateRequest, SetServerStateRequest__Output as _quorate_admin_v1_SetServerStateRequest__Output } from './quorate/admin/v1/SetServerStateRequest.ts';
import type { SetServerStateResponse as _quorate_admin_v1_SetServerStateResponse, SetServerStateResponse__Output as _quorate_admin_v1_SetServerStateResponse__Output } from './quorate/admin/v1/SetServerStateResponse.ts';
import type { TransferLeadershipRequest as _quorate_admin_v1_TransferLeadershipRequest, TransferLeadershipRequest__Output as _quorate_admin_v1_TransferLeadershipRequest__Output } from './quorate/admin/v1/TransferLeadershipRequest.ts';
import type { TransferLeadershipResponse as _quorate_admin_v1_TransferLeadershipResponse, TransferLeadershipResponse__Output as _quorate_admin_v1_TransferLeadershipResponse__Output } from './quorate/admin/v1/TransferLeadershipResponse.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  quorate: {
    admin: {
      v1: {
        AddServerRequest: MessageTypeDefinition<_quorate_admin_v1_AddServerRequest, _quorate_admin_v1_AddServerRequest__Output>
        AddServerResponse: MessageTypeDefinition<_quorate_admin_v1_AddServerResponse, _quorate_admin_v1_AddServerResponse__Output>
        AdminService: SubtypeConstructor<typeof grpc.Client, _quorate_admin_v1_AdminServiceClient> & { service: _quorate_admin_v1_AdminServiceDefinition }
        ChunkHealth: MessageTypeDefinition<_quorate_admin_v1_ChunkHealth, _quorate_admin_v1_ChunkHealth__Output>
        GetHealthRequest: MessageTypeDefinition<_quorate_admin_v1_GetHealthRequest, _quorate_admin_v1_GetHealthRequest__Output>
        GetHealthResponse: MessageTypeDefinition<_quorate_admin_v1_GetHealthResponse, _quorate_admin_v1_GetHealthResponse__Output>
        GetStatusRequest: MessageTypeDefinition<_quorate_admin_v1_GetStatusRequest, _quorate_admin_v1_GetStatusRequest__Output>
        GetStatusResponse: MessageTypeDefinition<_quorate_admin_v1_GetStatusResponse, _quorate_admin_v1_GetStatusResponse__Output>
        HealthFinding: MessageTypeDefinition<_quorate_admin_v1_HealthFinding, _quorate_admin_v1_HealthFinding__Output>
        OpenClientSessionRequest: MessageTypeDefinition<_quorate_admin_v1_OpenClientSessionRequest, _quorate_admin_v1_OpenClientSessionRequest__Output>
        OpenClientSessionResponse: MessageTypeDefinition<_quorate_admin_v1_OpenClientSessionResponse, _quorate_admin_v1_OpenClientSessionResponse__Output>
        PeerStatus: MessageTypeDefinition<_quorate_admin_v1_PeerStatus, _quorate_admin_v1_PeerStatus__Output>
        PromoteServerRequest: MessageTypeDefinition<_quorate_admin_v1_PromoteServerRequest, _quorate_admin_v1_PromoteServerRequest__Output>
        PromoteServerResponse: MessageTypeDefinition<_quorate_admin_v1_PromoteServerResponse, _quorate_admin_v1_PromoteServerResponse__Output>
        RemoveServerRequest: MessageTypeDefinition<_quorate_admin_v1_RemoveServerRequest, _quorate_admin_v1_RemoveServerRequest__Output>
        RemoveServerResponse: MessageTypeDefinition<_quorate_admin_v1_RemoveServerResponse, _quorate_admin_v1_RemoveServerResponse__Output>
        SetServerStateRequest: MessageTypeDefinition<_quorate_admin_v1_SetServerStateRequest, _quorate_admin_v1_SetServerStateRequest__Output>
        SetServerStateResponse: MessageTypeDefinition<_quorate_admin_v1_SetServerStateResponse, _quorate_admin_v1_SetServerStateResponse__Output>
        TransferLeadershipRequest: MessageTypeDefinition<_quorate_admin_v1_TransferLeadershipRequest, _quorate_admin_v1_TransferLeadershipRequest__Output>
        TransferLeadershipResponse: MessageTypeDefinition<_quorate_admin_v1_TransferLeadershipResponse, _quorate_admin_v1_TransferLeadershipResponse__Output>
      }
    }
  }
}


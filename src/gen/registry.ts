import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Condition as _quorate_registry_v1_Condition, Condition__Output as _quorate_registry_v1_Condition__Output } from './quorate/registry/v1/Condition.ts';
import type { DeleteRequest as _quorate_registry_v1_DeleteRequest, DeleteRequest__Output as _quorate_registry_v1_DeleteRequest__Output } from './quorate/registry/v1/DeleteRequest.ts';
import type { DeleteResponse as _quorate_registry_v1_DeleteResponse, DeleteResponse__Output as _quorate_registry_v1_DeleteResponse__Output } from './quorate/registry/v1/DeleteResponse.ts';
import type { GetRequest as _quorate_registry_v1_GetRequest, GetRequest__Output as _quorate_registry_v1_GetRequest__Output } from './quorate/registry/v1/GetRequest.ts';
import type { GetResponse as _quorate_registry_v1_GetResponse, GetResponse__Output as _quorate_registry_v1_GetResponse__Output } from './quorate/registry/v1/GetResponse.ts';
import type { KeyValue as _quorate_registry_v1_KeyValue, KeyValue__Output as _quorate_registry_v1_KeyValue__Output } from './quorate/registry/v1/KeyValue.ts';
import type { ListRequest as _quorate_registry_v1_ListRequest, ListRequest__Output as _quorate_registry_v1_ListRequest__Output } from './quorate/registry/v1/ListRequest.ts';
import type { ListResponse as _quorate_registry_v1_ListResponse, ListResponse__Output as _quorate_registry_v1_ListResponse__Output } from './quorate/registry/v1/ListResponse.ts';
import type { ListServersRequest as _quorate_registry_v1_ListServersRequest, ListServersRequest__Output as _quorate_registry_v1_ListServersRequest__Output } from './quorate/registry/v1/ListServersRequest.ts';
import type { ListServersResponse as _quorate_registry_v1_ListServersResponse, ListServersResponse__Output as _quorate_registry_v1_ListServersResponse__Output } from './quorate/registry/v1/ListServersResponse.ts';
import type { PutRequest as _quorate_registry_v1_PutRequest, PutRequest__Output as _quorate_registry_v1_PutRequest__Output } from './quorate/registry/v1/PutRequest.ts';
import type { PutResponse as _quorate_registry_v1_PutResponse, PutResponse__Output as _quorate_registry_v1_PutResponse__Output } from './quorate/registry/v1/PutResponse.ts';
import type { RegistryServiceClient as _quorate_registry_v1_RegistryServiceClient, RegistryServiceDefinition as _quorate_registry_v1_RegistryServiceDefinition } from './quorate/registry/v1/RegistryService.ts';
import type { RequestId as _quorate_registry_v1_RequestId, RequestId__Output as _quorate_registry_v1_RequestId__Output } from './quorate/registry/v1/RequestId.ts';
import type { Server as _quorate_registry_v1_Server, Server__Output as _quorate_registry_v1_Server__Output } from './quorate/registry/v1/Server.ts';
import type { WatchServersRequest as _quorate_registry_v1_WatchServersRequest, WatchServersRequest__Output as _quorate_registry_v1_WatchServersRequest__Output } from './quorate/registry/v1/WatchServersRequest.ts';
import type { WatchServersResponse as _quorate_registry_v1_WatchServersResponse, WatchServersResponse__Output as _quorate_registry_v1_WatchServersResponse__Output } from './quorate/registry/v1/WatchServersResponse.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  quorate: {
    registry: {
      v1: {
        Condition: MessageTypeDefinition<_quorate_registry_v1_Condition, _quorate_registry_v1_Condition__Output>
        DeleteRequest: MessageTypeDefinition<_quorate_registry_v1_DeleteRequest, _quorate_registry_v1_DeleteRequest__Output>
        DeleteResponse: MessageTypeDefinition<_quorate_registry_v1_DeleteResponse, _quorate_registry_v1_DeleteResponse__Output>
        GetRequest: MessageTypeDefinition<_quorate_registry_v1_GetRequest, _quorate_registry_v1_GetRequest__Output>
        GetResponse: MessageTypeDefinition<_quorate_registry_v1_GetResponse, _quorate_registry_v1_GetResponse__Output>
        KeyValue: MessageTypeDefinition<_quorate_registry_v1_KeyValue, _quorate_registry_v1_KeyValue__Output>
        ListRequest: MessageTypeDefinition<_quorate_registry_v1_ListRequest, _quorate_registry_v1_ListRequest__Output>
        ListResponse: MessageTypeDefinition<_quorate_registry_v1_ListResponse, _quorate_registry_v1_ListResponse__Output>
        ListServersRequest: MessageTypeDefinition<_quorate_registry_v1_ListServersRequest, _quorate_registry_v1_ListServersRequest__Output>
        ListServersResponse: MessageTypeDefinition<_quorate_registry_v1_ListServersResponse, _quorate_registry_v1_ListServersResponse__Output>
        Liveness: EnumTypeDefinition
        PutRequest: MessageTypeDefinition<_quorate_registry_v1_PutRequest, _quorate_registry_v1_PutRequest__Output>
        PutResponse: MessageTypeDefinition<_quorate_registry_v1_PutResponse, _quorate_registry_v1_PutResponse__Output>
        RegistryService: SubtypeConstructor<typeof grpc.Client, _quorate_registry_v1_RegistryServiceClient> & { service: _quorate_registry_v1_RegistryServiceDefinition }
        RequestId: MessageTypeDefinition<_quorate_registry_v1_RequestId, _quorate_registry_v1_RequestId__Output>
        Role: EnumTypeDefinition
        Server: MessageTypeDefinition<_quorate_registry_v1_Server, _quorate_registry_v1_Server__Output>
        WatchServersRequest: MessageTypeDefinition<_quorate_registry_v1_WatchServersRequest, _quorate_registry_v1_WatchServersRequest__Output>
        WatchServersResponse: MessageTypeDefinition<_quorate_registry_v1_WatchServersResponse, _quorate_registry_v1_WatchServersResponse__Output>
      }
    }
  }
}


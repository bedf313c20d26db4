import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { BulkRequest as _quorate_raft_v1_BulkRequest, BulkRequest__Output as _quorate_raft_v1_BulkRequest__Output } from './quorate/raft/v1/BulkRequest.ts';
import type { BulkResponse as _quorate_raft_v1_BulkResponse, BulkResponse__Output as _quorate_raft_v1_BulkResponse__Output } from './quorate/raft/v1/BulkResponse.ts';
import type { Call as _quorate_raft_v1_Call, Call__Output as _quorate_raft_v1_Call__Output } from './quorate/raft/v1/Call.ts';
import type { CallResult as _quorate_raft_v1_CallResult, CallResult__Output as _quorate_raft_v1_CallResult__Output } from './quorate/raft/v1/CallResult.ts';
import type { ChunkSource as _quorate_raft_v1_ChunkSource, ChunkSource__Output as _quorate_raft_v1_ChunkSource__Output } from './quorate/raft/v1/ChunkSource.ts';
import type { ControlRequest as _quorate_raft_v1_ControlRequest, ControlRequest__Output as _quorate_raft_v1_ControlRequest__Output } from './quorate/raft/v1/ControlRequest.ts';
import type { ControlResponse as _quorate_raft_v1_ControlResponse, ControlResponse__Output as _quorate_raft_v1_ControlResponse__Output } from './quorate/raft/v1/ControlResponse.ts';
import type { ErrorField as _quorate_raft_v1_ErrorField, ErrorField__Output as _quorate_raft_v1_ErrorField__Output } from './quorate/raft/v1/ErrorField.ts';
import type { ErrorRecord as _quorate_raft_v1_ErrorRecord, ErrorRecord__Output as _quorate_raft_v1_ErrorRecord__Output } from './quorate/raft/v1/ErrorRecord.ts';
import type { HelloRequest as _quorate_raft_v1_HelloRequest, HelloRequest__Output as _quorate_raft_v1_HelloRequest__Output } from './quorate/raft/v1/HelloRequest.ts';
import type { HelloResponse as _quorate_raft_v1_HelloResponse, HelloResponse__Output as _quorate_raft_v1_HelloResponse__Output } from './quorate/raft/v1/HelloResponse.ts';
import type { PullRequest as _quorate_raft_v1_PullRequest, PullRequest__Output as _quorate_raft_v1_PullRequest__Output } from './quorate/raft/v1/PullRequest.ts';
import type { PullResponse as _quorate_raft_v1_PullResponse, PullResponse__Output as _quorate_raft_v1_PullResponse__Output } from './quorate/raft/v1/PullResponse.ts';
import type { RaftServiceClient as _quorate_raft_v1_RaftServiceClient, RaftServiceDefinition as _quorate_raft_v1_RaftServiceDefinition } from './quorate/raft/v1/RaftService.ts';
import type { SnapshotSource as _quorate_raft_v1_SnapshotSource, SnapshotSource__Output as _quorate_raft_v1_SnapshotSource__Output } from './quorate/raft/v1/SnapshotSource.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  quorate: {
    raft: {
      v1: {
        BulkRequest: MessageTypeDefinition<_quorate_raft_v1_BulkRequest, _quorate_raft_v1_BulkRequest__Output>
        BulkResponse: MessageTypeDefinition<_quorate_raft_v1_BulkResponse, _quorate_raft_v1_BulkResponse__Output>
        Call: MessageTypeDefinition<_quorate_raft_v1_Call, _quorate_raft_v1_Call__Output>
        CallResult: MessageTypeDefinition<_quorate_raft_v1_CallResult, _quorate_raft_v1_CallResult__Output>
        ChunkSource: MessageTypeDefinition<_quorate_raft_v1_ChunkSource, _quorate_raft_v1_ChunkSource__Output>
        ControlRequest: MessageTypeDefinition<_quorate_raft_v1_ControlRequest, _quorate_raft_v1_ControlRequest__Output>
        ControlResponse: MessageTypeDefinition<_quorate_raft_v1_ControlResponse, _quorate_raft_v1_ControlResponse__Output>
        ErrorField: MessageTypeDefinition<_quorate_raft_v1_ErrorField, _quorate_raft_v1_ErrorField__Output>
        ErrorRecord: MessageTypeDefinition<_quorate_raft_v1_ErrorRecord, _quorate_raft_v1_ErrorRecord__Output>
        HelloRequest: MessageTypeDefinition<_quorate_raft_v1_HelloRequest, _quorate_raft_v1_HelloRequest__Output>
        HelloResponse: MessageTypeDefinition<_quorate_raft_v1_HelloResponse, _quorate_raft_v1_HelloResponse__Output>
        PullRequest: MessageTypeDefinition<_quorate_raft_v1_PullRequest, _quorate_raft_v1_PullRequest__Output>
        PullResponse: MessageTypeDefinition<_quorate_raft_v1_PullResponse, _quorate_raft_v1_PullResponse__Output>
        RaftService: SubtypeConstructor<typeof grpc.Client, _quorate_raft_v1_RaftServiceClient> & { service: _quorate_raft_v1_RaftServiceDefinition }
        SnapshotSource: MessageTypeDefinition<_quorate_raft_v1_SnapshotSource, _quorate_raft_v1_SnapshotSource__Output>
      }
    }
  }
}


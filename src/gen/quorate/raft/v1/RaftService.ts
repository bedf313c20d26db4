// Original file: proto/quorate/raft/v1/raft.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { BulkRequest as _quorate_raft_v1_BulkRequest, BulkRequest__Output as _quorate_raft_v1_BulkRequest__Output } from '../../../quorate/raft/v1/BulkRequest.ts';
import type { BulkResponse as _quorate_raft_v1_BulkResponse, BulkResponse__Output as _quorate_raft_v1_BulkResponse__Output } from '../../../quorate/raft/v1/BulkResponse.ts';
import type { ControlRequest as _quorate_raft_v1_ControlRequest, ControlRequest__Output as _quorate_raft_v1_ControlRequest__Output } from '../../../quorate/raft/v1/ControlRequest.ts';
import type { ControlResponse as _quorate_raft_v1_ControlResponse, ControlResponse__Output as _quorate_raft_v1_ControlResponse__Output } from '../../../quorate/raft/v1/ControlResponse.ts';
import type { HelloRequest as _quorate_raft_v1_HelloRequest, HelloRequest__Output as _quorate_raft_v1_HelloRequest__Output } from '../../../quorate/raft/v1/HelloRequest.ts';
import type { HelloResponse as _quorate_raft_v1_HelloResponse, HelloResponse__Output as _quorate_raft_v1_HelloResponse__Output } from '../../../quorate/raft/v1/HelloResponse.ts';
import type { PullRequest as _quorate_raft_v1_PullRequest, PullRequest__Output as _quorate_raft_v1_PullRequest__Output } from '../../../quorate/raft/v1/PullRequest.ts';
import type { PullResponse as _quorate_raft_v1_PullResponse, PullResponse__Output as _quorate_raft_v1_PullResponse__Output } from '../../../quorate/raft/v1/PullResponse.ts';

export interface RaftServiceClient extends grpc.Client {
  Bulk(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_quorate_raft_v1_BulkRequest, _quorate_raft_v1_BulkResponse__Output>;
  Bulk(options?: grpc.CallOptions): grpc.ClientDuplexStream<_quorate_raft_v1_BulkRequest, _quorate_raft_v1_BulkResponse__Output>;
  bulk(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_quorate_raft_v1_BulkRequest, _quorate_raft_v1_BulkResponse__Output>;
  bulk(options?: grpc.CallOptions): grpc.ClientDuplexStream<_quorate_raft_v1_BulkRequest, _quorate_raft_v1_BulkResponse__Output>;
  
  Control(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_quorate_raft_v1_ControlRequest, _quorate_raft_v1_ControlResponse__Output>;
  Control(options?: grpc.CallOptions): grpc.ClientDuplexStream<_quorate_raft_v1_ControlRequest, _quorate_raft_v1_ControlResponse__Output>;
  control(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_quorate_raft_v1_ControlRequest, _quorate_raft_v1_ControlResponse__Output>;
  control(options?: grpc.CallOptions): grpc.ClientDuplexStream<_quorate_raft_v1_ControlRequest, _quorate_raft_v1_ControlResponse__Output>;
  
  Hello(argument: _quorate_raft_v1_HelloRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_raft_v1_HelloResponse__Output>): grpc.ClientUnaryCall;
  Hello(argument: _quorate_raft_v1_HelloRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_raft_v1_HelloResponse__Output>): grpc.ClientUnaryCall;
  Hello(argument: _quorate_raft_v1_HelloRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_raft_v1_HelloResponse__Output>): grpc.ClientUnaryCall;
  Hello(argument: _quorate_raft_v1_HelloRequest, callback: grpc.requestCallback<_quorate_raft_v1_HelloResponse__Output>): grpc.ClientUnaryCall;
  hello(argument: _quorate_raft_v1_HelloRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_raft_v1_HelloResponse__Output>): grpc.ClientUnaryCall;
  hello(argument: _quorate_raft_v1_HelloRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_raft_v1_HelloResponse__Output>): grpc.ClientUnaryCall;
  hello(argument: _quorate_raft_v1_HelloRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_raft_v1_HelloResponse__Output>): grpc.ClientUnaryCall;
  hello(argument: _quorate_raft_v1_HelloRequest, callback: grpc.requestCallback<_quorate_raft_v1_HelloResponse__Output>): grpc.ClientUnaryCall;
  
  Pull(argument: _quorate_raft_v1_PullRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_quorate_raft_v1_PullResponse__Output>;
  Pull(argument: _quorate_raft_v1_PullRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_quorate_raft_v1_PullResponse__Output>;
  pull(argument: _quorate_raft_v1_PullRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_quorate_raft_v1_PullResponse__Output>;
  pull(argument: _quorate_raft_v1_PullRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_quorate_raft_v1_PullResponse__Output>;
  
}

export interface RaftServiceHandlers extends grpc.UntypedServiceImplementation {
  Bulk: grpc.handleBidiStreamingCall<_quorate_raft_v1_BulkRequest__Output, _quorate_raft_v1_BulkResponse>;
  
  Control: grpc.handleBidiStreamingCall<_quorate_raft_v1_ControlRequest__Output, _quorate_raft_v1_ControlResponse>;
  
  Hello: grpc.handleUnaryCall<_quorate_raft_v1_HelloRequest__Output, _quorate_raft_v1_HelloResponse>;
  
  Pull: grpc.handleServerStreamingCall<_quorate_raft_v1_PullRequest__Output, _quorate_raft_v1_PullResponse>;
  
}

export interface RaftServiceDefinition extends grpc.ServiceDefinition {
  Bulk: MethodDefinition<_quorate_raft_v1_BulkRequest, _quorate_raft_v1_BulkResponse, _quorate_raft_v1_BulkRequest__Output, _quorate_raft_v1_BulkResponse__Output>
  Control: MethodDefinition<_quorate_raft_v1_ControlRequest, _quorate_raft_v1_ControlResponse, _quorate_raft_v1_ControlRequest__Output, _quorate_raft_v1_ControlResponse__Output>
  Hello: MethodDefinition<_quorate_raft_v1_HelloRequest, _quorate_raft_v1_HelloResponse, _quorate_raft_v1_HelloRequest__Output, _quorate_raft_v1_HelloResponse__Output>
  Pull: MethodDefinition<_quorate_raft_v1_PullRequest, _quorate_raft_v1_PullResponse, _quorate_raft_v1_PullRequest__Output, _quorate_raft_v1_PullResponse__Output>
}

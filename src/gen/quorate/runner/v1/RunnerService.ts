// Original file: proto/quorate/runner/v1/runner.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { PollAssignmentsRequest as _quorate_runner_v1_PollAssignmentsRequest, PollAssignmentsRequest__Output as _quorate_runner_v1_PollAssignmentsRequest__Output } from '../../../quorate/runner/v1/PollAssignmentsRequest.ts';
import type { PollAssignmentsResponse as _quorate_runner_v1_PollAssignmentsResponse, PollAssignmentsResponse__Output as _quorate_runner_v1_PollAssignmentsResponse__Output } from '../../../quorate/runner/v1/PollAssignmentsResponse.ts';
import type { RegisterRequest as _quorate_runner_v1_RegisterRequest, RegisterRequest__Output as _quorate_runner_v1_RegisterRequest__Output } from '../../../quorate/runner/v1/RegisterRequest.ts';
import type { RegisterResponse as _quorate_runner_v1_RegisterResponse, RegisterResponse__Output as _quorate_runner_v1_RegisterResponse__Output } from '../../../quorate/runner/v1/RegisterResponse.ts';
import type { RenewRequest as _quorate_runner_v1_RenewRequest, RenewRequest__Output as _quorate_runner_v1_RenewRequest__Output } from '../../../quorate/runner/v1/RenewRequest.ts';
import type { RenewResponse as _quorate_runner_v1_RenewResponse, RenewResponse__Output as _quorate_runner_v1_RenewResponse__Output } from '../../../quorate/runner/v1/RenewResponse.ts';

export interface RunnerServiceClient extends grpc.Client {
  PollAssignments(argument: _quorate_runner_v1_PollAssignmentsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_runner_v1_PollAssignmentsResponse__Output>): grpc.ClientUnaryCall;
  PollAssignments(argument: _quorate_runner_v1_PollAssignmentsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_runner_v1_PollAssignmentsResponse__Output>): grpc.ClientUnaryCall;
  PollAssignments(argument: _quorate_runner_v1_PollAssignmentsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_runner_v1_PollAssignmentsResponse__Output>): grpc.ClientUnaryCall;
  PollAssignments(argument: _quorate_runner_v1_PollAssignmentsRequest, callback: grpc.requestCallback<_quorate_runner_v1_PollAssignmentsResponse__Output>): grpc.ClientUnaryCall;
  pollAssignments(argument: _quorate_runner_v1_PollAssignmentsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_runner_v1_PollAssignmentsResponse__Output>): grpc.ClientUnaryCall;
  pollAssignments(argument: _quorate_runner_v1_PollAssignmentsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_runner_v1_PollAssignmentsResponse__Output>): grpc.ClientUnaryCall;
  pollAssignments(argument: _quorate_runner_v1_PollAssignmentsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_runner_v1_PollAssignmentsResponse__Output>): grpc.ClientUnaryCall;
  pollAssignments(argument: _quorate_runner_v1_PollAssignmentsRequest, callback: grpc.requestCallback<_quorate_runner_v1_PollAssignmentsResponse__Output>): grpc.ClientUnaryCall;
  
  Register(argument: _quorate_runner_v1_RegisterRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_runner_v1_RegisterResponse__Output>): grpc.ClientUnaryCall;
  Register(argument: _quorate_runner_v1_RegisterRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_runner_v1_RegisterResponse__Output>): grpc.ClientUnaryCall;
  Register(argument: _quorate_runner_v1_RegisterRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_runner_v1_RegisterResponse__Output>): grpc.ClientUnaryCall;
  Register(argument: _quorate_runner_v1_RegisterRequest, callback: grpc.requestCallback<_quorate_runner_v1_RegisterResponse__Output>): grpc.ClientUnaryCall;
  register(argument: _quorate_runner_v1_RegisterRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_runner_v1_RegisterResponse__Output>): grpc.ClientUnaryCall;
  register(argument: _quorate_runner_v1_RegisterRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_runner_v1_RegisterResponse__Output>): grpc.ClientUnaryCall;
  register(argument: _quorate_runner_v1_RegisterRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_runner_v1_RegisterResponse__Output>): grpc.ClientUnaryCall;
  register(argument: _quorate_runner_v1_RegisterRequest, callback: grpc.requestCallback<_quorate_runner_v1_RegisterResponse__Output>): grpc.ClientUnaryCall;
  
  Renew(argument: _quorate_runner_v1_RenewRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_runner_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  Renew(argument: _quorate_runner_v1_RenewRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_runner_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  Renew(argument: _quorate_runner_v1_RenewRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_runner_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  Renew(argument: _quorate_runner_v1_RenewRequest, callback: grpc.requestCallback<_quorate_runner_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _quorate_runner_v1_RenewRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_runner_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _quorate_runner_v1_RenewRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_runner_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _quorate_runner_v1_RenewRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_runner_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _quorate_runner_v1_RenewRequest, callback: grpc.requestCallback<_quorate_runner_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface RunnerServiceHandlers extends grpc.UntypedServiceImplementation {
  PollAssignments: grpc.handleUnaryCall<_quorate_runner_v1_PollAssignmentsRequest__Output, _quorate_runner_v1_PollAssignmentsResponse>;
  
  Register: grpc.handleUnaryCall<_quorate_runner_v1_RegisterRequest__Output, _quorate_runner_v1_RegisterResponse>;
  
  Renew: grpc.handleUnaryCall<_quorate_runner_v1_RenewRequest__Output, _quorate_runner_v1_RenewResponse>;
  
}

export interface RunnerServiceDefinition extends grpc.ServiceDefinition {
  PollAssignments: MethodDefinition<_quorate_runner_v1_PollAssignmentsRequest, _quorate_runner_v1_PollAssignmentsResponse, _quorate_runner_v1_PollAssignmentsRequest__Output, _quorate_runner_v1_PollAssignmentsResponse__Output>
  Register: MethodDefinition<_quorate_runner_v1_RegisterRequest, _quorate_runner_v1_RegisterResponse, _quorate_runner_v1_RegisterRequest__Output, _quorate_runner_v1_RegisterResponse__Output>
  Renew: MethodDefinition<_quorate_runner_v1_RenewRequest, _quorate_runner_v1_RenewResponse, _quorate_runner_v1_RenewRequest__Output, _quorate_runner_v1_RenewResponse__Output>
}

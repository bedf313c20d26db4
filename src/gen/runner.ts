import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { AssignedJob as _quorate_runner_v1_AssignedJob, AssignedJob__Output as _quorate_runner_v1_AssignedJob__Output } from './quorate/runner/v1/AssignedJob.ts';
import type { JobEpoch as _quorate_runner_v1_JobEpoch, JobEpoch__Output as _quorate_runner_v1_JobEpoch__Output } from './quorate/runner/v1/JobEpoch.ts';
import type { PollAssignmentsRequest as _quorate_runner_v1_PollAssignmentsRequest, PollAssignmentsRequest__Output as _quorate_runner_v1_PollAssignmentsRequest__Output } from './quorate/runner/v1/PollAssignmentsRequest.ts';
import type { PollAssignmentsResponse as _quorate_runner_v1_PollAssignmentsResponse, PollAssignmentsResponse__Output as _quorate_runner_v1_PollAssignmentsResponse__Output } from './quorate/runner/v1/PollAssignmentsResponse.ts';
import type { RegisterRequest as _quorate_runner_v1_RegisterRequest, RegisterRequest__Output as _quorate_runner_v1_RegisterRequest__Output } from './quorate/runner/v1/RegisterRequest.ts';
import type { RegisterResponse as _quorate_runner_v1_RegisterResponse, RegisterResponse__Output as _quorate_runner_v1_RegisterResponse__Output } from './quorate/runner/v1/RegisterResponse.ts';
import type { RenewRequest as _quorate_runner_v1_RenewRequest, RenewRequest__Output as _quorate_runner_v1_RenewRequest__Output } from './quorate/runner/v1/RenewRequest.ts';
import type { RenewResponse as _quorate_runner_v1_RenewResponse, RenewResponse__Output as _quorate_runner_v1_RenewResponse__Output } from './quorate/runner/v1/RenewResponse.ts';
import type { RunnerServiceClient as _quorate_runner_v1_RunnerServiceClient, RunnerServiceDefinition as _quorate_runner_v1_RunnerServiceDefinition } from './quorate/runner/v1/RunnerService.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  quorate: {
    runner: {
      v1: {
        AssignedJob: MessageTypeDefinition<_quorate_runner_v1_AssignedJob, _quorate_runner_v1_AssignedJob__Output>
        JobEpoch: MessageTypeDefinition<_quorate_runner_v1_JobEpoch, _quorate_runner_v1_JobEpoch__Output>
        PollAssignmentsRequest: MessageTypeDefinition<_quorate_runner_v1_PollAssignmentsRequest, _quorate_runner_v1_PollAssignmentsRequest__Output>
        PollAssignmentsResponse: MessageTypeDefinition<_quorate_runner_v1_PollAssignmentsResponse, _quorate_runner_v1_PollAssignmentsResponse__Output>
        RegisterRequest: MessageTypeDefinition<_quorate_runner_v1_RegisterRequest, _quorate_runner_v1_RegisterRequest__Output>
        RegisterResponse: MessageTypeDefinition<_quorate_runner_v1_RegisterResponse, _quorate_runner_v1_RegisterResponse__Output>
        RenewRequest: MessageTypeDefinition<_quorate_runner_v1_RenewRequest, _quorate_runner_v1_RenewRequest__Output>
        RenewResponse: MessageTypeDefinition<_quorate_runner_v1_RenewResponse, _quorate_runner_v1_RenewResponse__Output>
        RunnerService: SubtypeConstructor<typeof grpc.Client, _quorate_runner_v1_RunnerServiceClient> & { service: _quorate_runner_v1_RunnerServiceDefinition }
      }
    }
  }
}


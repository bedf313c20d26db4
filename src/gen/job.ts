import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { CommandRun as _quorate_job_v1_CommandRun, CommandRun__Output as _quorate_job_v1_CommandRun__Output } from './quorate/job/v1/CommandRun.ts';
import type { DeleteJobRequest as _quorate_job_v1_DeleteJobRequest, DeleteJobRequest__Output as _quorate_job_v1_DeleteJobRequest__Output } from './quorate/job/v1/DeleteJobRequest.ts';
import type { DeleteJobResponse as _quorate_job_v1_DeleteJobResponse, DeleteJobResponse__Output as _quorate_job_v1_DeleteJobResponse__Output } from './quorate/job/v1/DeleteJobResponse.ts';
import type { Event as _quorate_job_v1_Event, Event__Output as _quorate_job_v1_Event__Output } from './quorate/job/v1/Event.ts';
import type { GetJobRequest as _quorate_job_v1_GetJobRequest, GetJobRequest__Output as _quorate_job_v1_GetJobRequest__Output } from './quorate/job/v1/GetJobRequest.ts';
import type { GetJobResponse as _quorate_job_v1_GetJobResponse, GetJobResponse__Output as _quorate_job_v1_GetJobResponse__Output } from './quorate/job/v1/GetJobResponse.ts';
import type { GetRingRequest as _quorate_job_v1_GetRingRequest, GetRingRequest__Output as _quorate_job_v1_GetRingRequest__Output } from './quorate/job/v1/GetRingRequest.ts';
import type { GetRingResponse as _quorate_job_v1_GetRingResponse, GetRingResponse__Output as _quorate_job_v1_GetRingResponse__Output } from './quorate/job/v1/GetRingResponse.ts';
import type { JavaRun as _quorate_job_v1_JavaRun, JavaRun__Output as _quorate_job_v1_JavaRun__Output } from './quorate/job/v1/JavaRun.ts';
import type { Job as _quorate_job_v1_Job, Job__Output as _quorate_job_v1_Job__Output } from './quorate/job/v1/Job.ts';
import type { JobServiceClient as _quorate_job_v1_JobServiceClient, JobServiceDefinition as _quorate_job_v1_JobServiceDefinition } from './quorate/job/v1/JobService.ts';
import type { JobSpec as _quorate_job_v1_JobSpec, JobSpec__Output as _quorate_job_v1_JobSpec__Output } from './quorate/job/v1/JobSpec.ts';
import type { ListJobsRequest as _quorate_job_v1_ListJobsRequest, ListJobsRequest__Output as _quorate_job_v1_ListJobsRequest__Output } from './quorate/job/v1/ListJobsRequest.ts';
import type { ListJobsResponse as _quorate_job_v1_ListJobsResponse, ListJobsResponse__Output as _quorate_job_v1_ListJobsResponse__Output } from './quorate/job/v1/ListJobsResponse.ts';
import type { NodeRun as _quorate_job_v1_NodeRun, NodeRun__Output as _quorate_job_v1_NodeRun__Output } from './quorate/job/v1/NodeRun.ts';
import type { ReadLogRequest as _quorate_job_v1_ReadLogRequest, ReadLogRequest__Output as _quorate_job_v1_ReadLogRequest__Output } from './quorate/job/v1/ReadLogRequest.ts';
import type { ReadLogResponse as _quorate_job_v1_ReadLogResponse, ReadLogResponse__Output as _quorate_job_v1_ReadLogResponse__Output } from './quorate/job/v1/ReadLogResponse.ts';
import type { RequestId as _quorate_job_v1_RequestId, RequestId__Output as _quorate_job_v1_RequestId__Output } from './quorate/job/v1/RequestId.ts';
import type { ResourceRef as _quorate_job_v1_ResourceRef, ResourceRef__Output as _quorate_job_v1_ResourceRef__Output } from './quorate/job/v1/ResourceRef.ts';
import type { RingJob as _quorate_job_v1_RingJob, RingJob__Output as _quorate_job_v1_RingJob__Output } from './quorate/job/v1/RingJob.ts';
import type { RingServer as _quorate_job_v1_RingServer, RingServer__Output as _quorate_job_v1_RingServer__Output } from './quorate/job/v1/RingServer.ts';
import type { Run as _quorate_job_v1_Run, Run__Output as _quorate_job_v1_Run__Output } from './quorate/job/v1/Run.ts';
import type { StartJobRequest as _quorate_job_v1_StartJobRequest, StartJobRequest__Output as _quorate_job_v1_StartJobRequest__Output } from './quorate/job/v1/StartJobRequest.ts';
import type { StartJobResponse as _quorate_job_v1_StartJobResponse, StartJobResponse__Output as _quorate_job_v1_StartJobResponse__Output } from './quorate/job/v1/StartJobResponse.ts';
import type { StopJobRequest as _quorate_job_v1_StopJobRequest, StopJobRequest__Output as _quorate_job_v1_StopJobRequest__Output } from './quorate/job/v1/StopJobRequest.ts';
import type { StopJobResponse as _quorate_job_v1_StopJobResponse, StopJobResponse__Output as _quorate_job_v1_StopJobResponse__Output } from './quorate/job/v1/StopJobResponse.ts';
import type { SubmitJobRequest as _quorate_job_v1_SubmitJobRequest, SubmitJobRequest__Output as _quorate_job_v1_SubmitJobRequest__Output } from './quorate/job/v1/SubmitJobRequest.ts';
import type { SubmitJobResponse as _quorate_job_v1_SubmitJobResponse, SubmitJobResponse__Output as _quorate_job_v1_SubmitJobResponse__Output } from './quorate/job/v1/SubmitJobResponse.ts';
import type { UpdateJobRequest as _quorate_job_v1_UpdateJobRequest, UpdateJobRequest__Output as _quorate_job_v1_UpdateJobRequest__Output } from './quorate/job/v1/UpdateJobRequest.ts';
import type { UpdateJobResponse as _quorate_job_v1_UpdateJobResponse, UpdateJobResponse__Output as _quorate_job_v1_UpdateJobResponse__Output } from './quorate/job/v1/UpdateJobResponse.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  quorate: {
    job: {
      v1: {
        CommandRun: MessageTypeDefinition<_quorate_job_v1_CommandRun, _quorate_job_v1_CommandRun__Output>
        DeleteJobRequest: MessageTypeDefinition<_quorate_job_v1_DeleteJobRequest, _quorate_job_v1_DeleteJobRequest__Output>
        DeleteJobResponse: MessageTypeDefinition<_quorate_job_v1_DeleteJobResponse, _quorate_job_v1_DeleteJobResponse__Output>
        Event: MessageTypeDefinition<_quorate_job_v1_Event, _quorate_job_v1_Event__Output>
        GetJobRequest: MessageTypeDefinition<_quorate_job_v1_GetJobRequest, _quorate_job_v1_GetJobRequest__Output>
        GetJobResponse: MessageTypeDefinition<_quorate_job_v1_GetJobResponse, _quorate_job_v1_GetJobResponse__Output>
        GetRingRequest: MessageTypeDefinition<_quorate_job_v1_GetRingRequest, _quorate_job_v1_GetRingRequest__Output>
        GetRingResponse: MessageTypeDefinition<_quorate_job_v1_GetRingResponse, _quorate_job_v1_GetRingResponse__Output>
        JavaRun: MessageTypeDefinition<_quorate_job_v1_JavaRun, _quorate_job_v1_JavaRun__Output>
        Job: MessageTypeDefinition<_quorate_job_v1_Job, _quorate_job_v1_Job__Output>
        JobService: SubtypeConstructor<typeof grpc.Client, _quorate_job_v1_JobServiceClient> & { service: _quorate_job_v1_JobServiceDefinition }
        JobSpec: MessageTypeDefinition<_quorate_job_v1_JobSpec, _quorate_job_v1_JobSpec__Output>
        ListJobsRequest: MessageTypeDefinition<_quorate_job_v1_ListJobsRequest, _quorate_job_v1_ListJobsRequest__Output>
        ListJobsResponse: MessageTypeDefinition<_quorate_job_v1_ListJobsResponse, _quorate_job_v1_ListJobsResponse__Output>
        NodeRun: MessageTypeDefinition<_quorate_job_v1_NodeRun, _quorate_job_v1_NodeRun__Output>
        ReadLogRequest: MessageTypeDefinition<_quorate_job_v1_ReadLogRequest, _quorate_job_v1_ReadLogRequest__Output>
        ReadLogResponse: MessageTypeDefinition<_quorate_job_v1_ReadLogResponse, _quorate_job_v1_ReadLogResponse__Output>
        RequestId: MessageTypeDefinition<_quorate_job_v1_RequestId, _quorate_job_v1_RequestId__Output>
        ResourceRef: MessageTypeDefinition<_quorate_job_v1_ResourceRef, _quorate_job_v1_ResourceRef__Output>
        RingJob: MessageTypeDefinition<_quorate_job_v1_RingJob, _quorate_job_v1_RingJob__Output>
        RingServer: MessageTypeDefinition<_quorate_job_v1_RingServer, _quorate_job_v1_RingServer__Output>
        Run: MessageTypeDefinition<_quorate_job_v1_Run, _quorate_job_v1_Run__Output>
        StartJobRequest: MessageTypeDefinition<_quorate_job_v1_StartJobRequest, _quorate_job_v1_StartJobRequest__Output>
        StartJobResponse: MessageTypeDefinition<_quorate_job_v1_StartJobResponse, _quorate_job_v1_StartJobResponse__Output>
        StopJobRequest: MessageTypeDefinition<_quorate_job_v1_StopJobRequest, _quorate_job_v1_StopJobRequest__Output>
        StopJobResponse: MessageTypeDefinition<_quorate_job_v1_StopJobResponse, _quorate_job_v1_StopJobResponse__Output>
        SubmitJobRequest: MessageTypeDefinition<_quorate_job_v1_SubmitJobRequest, _quorate_job_v1_SubmitJobRequest__Output>
        SubmitJobResponse: MessageTypeDefinition<_quorate_job_v1_SubmitJobResponse, _quorate_job_v1_SubmitJobResponse__Output>
        UpdateJobRequest: MessageTypeDefinition<_quorate_job_v1_UpdateJobRequest, _quorate_job_v1_UpdateJobRequest__Output>
        UpdateJobResponse: MessageTypeDefinition<_quorate_job_v1_UpdateJobResponse, _quorate_job_v1_UpdateJobResponse__Output>
      }
    }
  }
}


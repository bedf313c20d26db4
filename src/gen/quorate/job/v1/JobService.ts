// Original file: proto/quorate/job/v1/job.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { DeleteJobRequest as _quorate_job_v1_DeleteJobRequest, DeleteJobRequest__Output as _quorate_job_v1_DeleteJobRequest__Output } from '../../../quorate/job/v1/DeleteJobRequest.ts';
import type { DeleteJobResponse as _quorate_job_v1_DeleteJobResponse, DeleteJobResponse__Output as _quorate_job_v1_DeleteJobResponse__Output } from '../../../quorate/job/v1/DeleteJobResponse.ts';
import type { GetJobRequest as _quorate_job_v1_GetJobRequest, GetJobRequest__Output as _quorate_job_v1_GetJobRequest__Output } from '../../../quorate/job/v1/GetJobRequest.ts';
import type { GetJobResponse as _quorate_job_v1_GetJobResponse, GetJobResponse__Output as _quorate_job_v1_GetJobResponse__Output } from '../../../quorate/job/v1/GetJobResponse.ts';
import type { GetRingRequest as _quorate_job_v1_GetRingRequest, GetRingRequest__Output as _quorate_job_v1_GetRingRequest__Output } from '../../../quorate/job/v1/GetRingRequest.ts';
import type { GetRingResponse as _quorate_job_v1_GetRingResponse, GetRingResponse__Output as _quorate_job_v1_GetRingResponse__Output } from '../../../quorate/job/v1/GetRingResponse.ts';
import type { ListJobsRequest as _quorate_job_v1_ListJobsRequest, ListJobsRequest__Output as _quorate_job_v1_ListJobsRequest__Output } from '../../../quorate/job/v1/ListJobsRequest.ts';
import type { ListJobsResponse as _quorate_job_v1_ListJobsResponse, ListJobsResponse__Output as _quorate_job_v1_ListJobsResponse__Output } from '../../../quorate/job/v1/ListJobsResponse.ts';
import type { ReadLogRequest as _quorate_job_v1_ReadLogRequest, ReadLogRequest__Output as _quorate_job_v1_ReadLogRequest__Output } from '../../../quorate/job/v1/ReadLogRequest.ts';
import type { ReadLogResponse as _quorate_job_v1_ReadLogResponse, ReadLogResponse__Output as _quorate_job_v1_ReadLogResponse__Output } from '../../../quorate/job/v1/ReadLogResponse.ts';
import type { StartJobRequest as _quorate_job_v1_StartJobRequest, StartJobRequest__Output as _quorate_job_v1_StartJobRequest__Output } from '../../../quorate/job/v1/StartJobRequest.ts';
import type { StartJobResponse as _quorate_job_v1_StartJobResponse, StartJobResponse__Output as _quorate_job_v1_StartJobResponse__Output } from '../../../quorate/job/v1/StartJobResponse.ts';
import type { StopJobRequest as _quorate_job_v1_StopJobRequest, StopJobRequest__Output as _quorate_job_v1_StopJobRequest__Output } from '../../../quorate/job/v1/StopJobRequest.ts';
import type { StopJobResponse as _quorate_job_v1_StopJobResponse, StopJobResponse__Output as _quorate_job_v1_StopJobResponse__Output } from '../../../quorate/job/v1/StopJobResponse.ts';
import type { SubmitJobRequest as _quorate_job_v1_SubmitJobRequest, SubmitJobRequest__Output as _quorate_job_v1_SubmitJobRequest__Output } from '../../../quorate/job/v1/SubmitJobRequest.ts';
import type { SubmitJobResponse as _quorate_job_v1_SubmitJobResponse, SubmitJobResponse__Output as _quorate_job_v1_SubmitJobResponse__Output } from '../../../quorate/job/v1/SubmitJobResponse.ts';
import type { UpdateJobRequest as _quorate_job_v1_UpdateJobRequest, UpdateJobRequest__Output as _quorate_job_v1_UpdateJobRequest__Output } from '../../../quorate/job/v1/UpdateJobRequest.ts';
import type { UpdateJobResponse as _quorate_job_v1_UpdateJobResponse, UpdateJobResponse__Output as _quorate_job_v1_UpdateJobResponse__Output } from '../../../quorate/job/v1/UpdateJobResponse.ts';

export interface JobServiceClient extends grpc.Client {
  DeleteJob(argument: _quorate_job_v1_DeleteJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_DeleteJobResponse__Output>): grpc.ClientUnaryCall;
  DeleteJob(argument: _quorate_job_v1_DeleteJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_DeleteJobResponse__Output>): grpc.ClientUnaryCall;
  DeleteJob(argument: _quorate_job_v1_DeleteJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_DeleteJobResponse__Output>): grpc.ClientUnaryCall;
  DeleteJob(argument: _quorate_job_v1_DeleteJobRequest, callback: grpc.requestCallback<_quorate_job_v1_DeleteJobResponse__Output>): grpc.ClientUnaryCall;
  deleteJob(argument: _quorate_job_v1_DeleteJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_DeleteJobResponse__Output>): grpc.ClientUnaryCall;
  deleteJob(argument: _quorate_job_v1_DeleteJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_DeleteJobResponse__Output>): grpc.ClientUnaryCall;
  deleteJob(argument: _quorate_job_v1_DeleteJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_DeleteJobResponse__Output>): grpc.ClientUnaryCall;
  deleteJob(argument: _quorate_job_v1_DeleteJobRequest, callback: grpc.requestCallback<_quorate_job_v1_DeleteJobResponse__Output>): grpc.ClientUnaryCall;
  
  GetJob(argument: _quorate_job_v1_GetJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_GetJobResponse__Output>): grpc.ClientUnaryCall;
  GetJob(argument: _quorate_job_v1_GetJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_GetJobResponse__Output>): grpc.ClientUnaryCall;
  GetJob(argument: _quorate_job_v1_GetJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_GetJobResponse__Output>): grpc.ClientUnaryCall;
  GetJob(argument: _quorate_job_v1_GetJobRequest, callback: grpc.requestCallback<_quorate_job_v1_GetJobResponse__Output>): grpc.ClientUnaryCall;
  getJob(argument: _quorate_job_v1_GetJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_GetJobResponse__Output>): grpc.ClientUnaryCall;
  getJob(argument: _quorate_job_v1_GetJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_GetJobResponse__Output>): grpc.ClientUnaryCall;
  getJob(argument: _quorate_job_v1_GetJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_GetJobResponse__Output>): grpc.ClientUnaryCall;
  getJob(argument: _quorate_job_v1_GetJobRequest, callback: grpc.requestCallback<_quorate_job_v1_GetJobResponse__Output>): grpc.ClientUnaryCall;
  
  GetRing(argument: _quorate_job_v1_GetRingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_GetRingResponse__Output>): grpc.ClientUnaryCall;
  GetRing(argument: _quorate_job_v1_GetRingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_GetRingResponse__Output>): grpc.ClientUnaryCall;
  GetRing(argument: _quorate_job_v1_GetRingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_GetRingResponse__Output>): grpc.ClientUnaryCall;
  GetRing(argument: _quorate_job_v1_GetRingRequest, callback: grpc.requestCallback<_quorate_job_v1_GetRingResponse__Output>): grpc.ClientUnaryCall;
  getRing(argument: _quorate_job_v1_GetRingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_GetRingResponse__Output>): grpc.ClientUnaryCall;
  getRing(argument: _quorate_job_v1_GetRingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_GetRingResponse__Output>): grpc.ClientUnaryCall;
  getRing(argument: _quorate_job_v1_GetRingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_GetRingResponse__Output>): grpc.ClientUnaryCall;
  getRing(argument: _quorate_job_v1_GetRingRequest, callback: grpc.requestCallback<_quorate_job_v1_GetRingResponse__Output>): grpc.ClientUnaryCall;
  
  ListJobs(argument: _quorate_job_v1_ListJobsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  ListJobs(argument: _quorate_job_v1_ListJobsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  ListJobs(argument: _quorate_job_v1_ListJobsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  ListJobs(argument: _quorate_job_v1_ListJobsRequest, callback: grpc.requestCallback<_quorate_job_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  listJobs(argument: _quorate_job_v1_ListJobsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  listJobs(argument: _quorate_job_v1_ListJobsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  listJobs(argument: _quorate_job_v1_ListJobsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  listJobs(argument: _quorate_job_v1_ListJobsRequest, callback: grpc.requestCallback<_quorate_job_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  
  ReadLog(argument: _quorate_job_v1_ReadLogRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_ReadLogResponse__Output>): grpc.ClientUnaryCall;
  ReadLog(argument: _quorate_job_v1_ReadLogRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_ReadLogResponse__Output>): grpc.ClientUnaryCall;
  ReadLog(argument: _quorate_job_v1_ReadLogRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_ReadLogResponse__Output>): grpc.ClientUnaryCall;
  ReadLog(argument: _quorate_job_v1_ReadLogRequest, callback: grpc.requestCallback<_quorate_job_v1_ReadLogResponse__Output>): grpc.ClientUnaryCall;
  readLog(argument: _quorate_job_v1_ReadLogRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_ReadLogResponse__Output>): grpc.ClientUnaryCall;
  readLog(argument: _quorate_job_v1_ReadLogRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_ReadLogResponse__Output>): grpc.ClientUnaryCall;
  readLog(argument: _quorate_job_v1_ReadLogRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_ReadLogResponse__Output>): grpc.ClientUnaryCall;
  readLog(argument: _quorate_job_v1_ReadLogRequest, callback: grpc.requestCallback<_quorate_job_v1_ReadLogResponse__Output>): grpc.ClientUnaryCall;
  
  StartJob(argument: _quorate_job_v1_StartJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_StartJobResponse__Output>): grpc.ClientUnaryCall;
  StartJob(argument: _quorate_job_v1_StartJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_StartJobResponse__Output>): grpc.ClientUnaryCall;
  StartJob(argument: _quorate_job_v1_StartJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_StartJobResponse__Output>): grpc.ClientUnaryCall;
  StartJob(argument: _quorate_job_v1_StartJobRequest, callback: grpc.requestCallback<_quorate_job_v1_StartJobResponse__Output>): grpc.ClientUnaryCall;
  startJob(argument: _quorate_job_v1_StartJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_StartJobResponse__Output>): grpc.ClientUnaryCall;
  startJob(argument: _quorate_job_v1_StartJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_StartJobResponse__Output>): grpc.ClientUnaryCall;
  startJob(argument: _quorate_job_v1_StartJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_StartJobResponse__Output>): grpc.ClientUnaryCall;
  startJob(argument: _quorate_job_v1_StartJobRequest, callback: grpc.requestCallback<_quorate_job_v1_StartJobResponse__Output>): grpc.ClientUnaryCall;
  
  StopJob(argument: _quorate_job_v1_StopJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_StopJobResponse__Output>): grpc.ClientUnaryCall;
  StopJob(argument: _quorate_job_v1_StopJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_StopJobResponse__Output>): grpc.ClientUnaryCall;
  StopJob(argument: _quorate_job_v1_StopJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_StopJobResponse__Output>): grpc.ClientUnaryCall;
  StopJob(argument: _quorate_job_v1_StopJobRequest, callback: grpc.requestCallback<_quorate_job_v1_StopJobResponse__Output>): grpc.ClientUnaryCall;
  stopJob(argument: _quorate_job_v1_StopJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_StopJobResponse__Output>): grpc.ClientUnaryCall;
  stopJob(argument: _quorate_job_v1_StopJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_StopJobResponse__Output>): grpc.ClientUnaryCall;
  stopJob(argument: _quorate_job_v1_StopJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_StopJobResponse__Output>): grpc.ClientUnaryCall;
  stopJob(argument: _quorate_job_v1_StopJobRequest, callback: grpc.requestCallback<_quorate_job_v1_StopJobResponse__Output>): grpc.ClientUnaryCall;
  
  SubmitJob(argument: _quorate_job_v1_SubmitJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_SubmitJobResponse__Output>): grpc.ClientUnaryCall;
  SubmitJob(argument: _quorate_job_v1_SubmitJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_SubmitJobResponse__Output>): grpc.ClientUnaryCall;
  SubmitJob(argument: _quorate_job_v1_SubmitJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_SubmitJobResponse__Output>): grpc.ClientUnaryCall;
  SubmitJob(argument: _quorate_job_v1_SubmitJobRequest, callback: grpc.requestCallback<_quorate_job_v1_SubmitJobResponse__Output>): grpc.ClientUnaryCall;
  submitJob(argument: _quorate_job_v1_SubmitJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_SubmitJobResponse__Output>): grpc.ClientUnaryCall;
  submitJob(argument: _quorate_job_v1_SubmitJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_SubmitJobResponse__Output>): grpc.ClientUnaryCall;
  submitJob(argument: _quorate_job_v1_SubmitJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_SubmitJobResponse__Output>): grpc.ClientUnaryCall;
  submitJob(argument: _quorate_job_v1_SubmitJobRequest, callback: grpc.requestCallback<_quorate_job_v1_SubmitJobResponse__Output>): grpc.ClientUnaryCall;
  
  UpdateJob(argument: _quorate_job_v1_UpdateJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_UpdateJobResponse__Output>): grpc.ClientUnaryCall;
  UpdateJob(argument: _quorate_job_v1_UpdateJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_UpdateJobResponse__Output>): grpc.ClientUnaryCall;
  UpdateJob(argument: _quorate_job_v1_UpdateJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_UpdateJobResponse__Output>): grpc.ClientUnaryCall;
  UpdateJob(argument: _quorate_job_v1_UpdateJobRequest, callback: grpc.requestCallback<_quorate_job_v1_UpdateJobResponse__Output>): grpc.ClientUnaryCall;
  updateJob(argument: _quorate_job_v1_UpdateJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_UpdateJobResponse__Output>): grpc.ClientUnaryCall;
  updateJob(argument: _quorate_job_v1_UpdateJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_quorate_job_v1_UpdateJobResponse__Output>): grpc.ClientUnaryCall;
  updateJob(argument: _quorate_job_v1_UpdateJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_quorate_job_v1_UpdateJobResponse__Output>): grpc.ClientUnaryCall;
  updateJob(argument: _quorate_job_v1_UpdateJobRequest, callback: grpc.requestCallback<_quorate_job_v1_UpdateJobResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface JobServiceHandlers extends grpc.UntypedServiceImplementation {
  DeleteJob: grpc.handleUnaryCall<_quorate_job_v1_DeleteJobRequest__Output, _quorate_job_v1_DeleteJobResponse>;
  
  GetJob: grpc.handleUnaryCall<_quorate_job_v1_GetJobRequest__Output, _quorate_job_v1_GetJobResponse>;
  
  GetRing: grpc.handleUnaryCall<_quorate_job_v1_GetRingRequest__Output, _quorate_job_v1_GetRingResponse>;
  
  ListJobs: grpc.handleUnaryCall<_quorate_job_v1_ListJobsRequest__Output, _quorate_job_v1_ListJobsResponse>;
  
  ReadLog: grpc.handleUnaryCall<_quorate_job_v1_ReadLogRequest__Output, _quorate_job_v1_ReadLogResponse>;
  
  StartJob: grpc.handleUnaryCall<_quorate_job_v1_StartJobRequest__Output, _quorate_job_v1_StartJobResponse>;
  
  StopJob: grpc.handleUnaryCall<_quorate_job_v1_StopJobRequest__Output, _quorate_job_v1_StopJobResponse>;
  
  SubmitJob: grpc.handleUnaryCall<_quorate_job_v1_SubmitJobRequest__Output, _quorate_job_v1_SubmitJobResponse>;
  
  UpdateJob: grpc.handleUnaryCall<_quorate_job_v1_UpdateJobRequest__Output, _quorate_job_v1_UpdateJobResponse>;
  
}

export interface JobServiceDefinition extends grpc.ServiceDefinition {
  DeleteJob: MethodDefinition<_quorate_job_v1_DeleteJobRequest, _quorate_job_v1_DeleteJobResponse, _quorate_job_v1_DeleteJobRequest__Output, _quorate_job_v1_DeleteJobResponse__Output>
  GetJob: MethodDefinition<_quorate_job_v1_GetJobRequest, _quorate_job_v1_GetJobResponse, _quorate_job_v1_GetJobRequest__Output, _quorate_job_v1_GetJobResponse__Output>
  GetRing: MethodDefinition<_quorate_job_v1_GetRingRequest, _quorate_job_v1_GetRingResponse, _quorate_job_v1_GetRingRequest__Output, _quorate_job_v1_GetRingResponse__Output>
  ListJobs: MethodDefinition<_quorate_job_v1_ListJobsRequest, _quorate_job_v1_ListJobsResponse, _quorate_job_v1_ListJobsRequest__Output, _quorate_job_v1_ListJobsResponse__Output>
  ReadLog: MethodDefinition<_quorate_job_v1_ReadLogRequest, _quorate_job_v1_ReadLogResponse, _quorate_job_v1_ReadLogRequest__Output, _quorate_job_v1_ReadLogResponse__Output>
  StartJob: MethodDefinition<_quorate_job_v1_StartJobRequest, _quorate_job_v1_StartJobResponse, _quorate_job_v1_StartJobRequest__Output, _quorate_job_v1_StartJobResponse__Output>
  StopJob: MethodDefinition<_quorate_job_v1_StopJobRequest, _quorate_job_v1_StopJobResponse, _quorate_job_v1_StopJobRequest__Output, _quorate_job_v1_StopJobResponse__Output>
  SubmitJob: MethodDefinition<_quorate_job_v1_SubmitJobRequest, _quorate_job_v1_SubmitJobResponse, _quorate_job_v1_SubmitJobRequest__Output, _quorate_job_v1_SubmitJobResponse__Output>
  UpdateJob: MethodDefinition<_quorate_job_v1_UpdateJobRequest, _quorate_job_v1_UpdateJobResponse, _quorate_job_v1_UpdateJobRequest__Output, _quorate_job_v1_UpdateJobResponse__Output>
}

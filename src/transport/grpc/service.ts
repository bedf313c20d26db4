// The gRPC service without generated code: requests and responses are bytes that were encoded before.
import type { ServiceDefinition } from "@grpc/grpc-js";

const prefix = "/quorate.raft.v1.RaftService/";

export const paths = {
  hello: `${prefix}Hello`,
  control: `${prefix}Control`,
  bulk: `${prefix}Bulk`,
  pull: `${prefix}Pull`,
} as const;

/** Serializer and deserializer of every method. */
export const asIs = (frame: Buffer): Buffer => frame;

type Streaming = "none" | "response" | "both";

function method(path: string, streaming: Streaming): ServiceDefinition[string] {
  return {
    path,
    requestStream: streaming === "both",
    responseStream: streaming !== "none",
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

export const raftService: ServiceDefinition = {
  hello: method(paths.hello, "none"),
  control: method(paths.control, "both"),
  bulk: method(paths.bulk, "both"),
  pull: method(paths.pull, "response"),
};

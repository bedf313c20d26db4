// WatchServers as any gRPC client sees it, since the typed client has no call for it.
import { Client, type ClientReadableStream, credentials } from "@grpc/grpc-js";
import { serviceMethods } from "../../../src/client/protocol.ts";

type Registry = ReturnType<typeof serviceMethods<"registry">>;
type Changed = ReturnType<Registry["WatchServers"]["responseDeserialize"]>;

export interface ServersWatch {
  /** Every answer so far. */
  readonly seen: readonly Changed[];
  /** Why the stream broke, once it has. */
  error(): Error | undefined;
  close(): void;
}

export function watchServers(grpcAddress: string): ServersWatch {
  const client = new Client(grpcAddress, credentials.createInsecure());
  const method = serviceMethods("registry").WatchServers;
  const seen: Changed[] = [];
  let broken: Error | undefined;
  const stream: ClientReadableStream<Changed> = client.makeServerStreamRequest(
    method.path,
    (request: { sinceRevision?: number }) => method.requestSerialize(request),
    (bytes) => method.responseDeserialize(bytes),
    {},
  );
  stream.on("data", (answer: Changed) => seen.push(answer));
  stream.on("error", (error) => {
    broken = error;
  });
  return {
    seen,
    error: () => broken,
    close: () => {
      stream.cancel();
      client.close();
    },
  };
}

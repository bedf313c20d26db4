import { GrpcTransport } from "../../../src/transport/grpc/grpc-transport.ts";
import { describeTransport } from "./suite.ts";
import { logger, RealClock } from "./support.ts";

describeTransport("gRPC transport", () => {
  const clock = new RealClock();
  return {
    clock,
    create: (listen, limits) => new GrpcTransport({ listen, limits }, { clock, logger }),
  };
});

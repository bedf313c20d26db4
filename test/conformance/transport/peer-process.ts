// Program of grpc-process.test.ts: peer 2, which accepts everything and answers no call.
import { peerId } from "../../../src/base/numbers.ts";
import { GrpcTransport } from "../../../src/transport/grpc/grpc-transport.ts";
import { logger, RealClock, Recorder } from "./support.ts";

const transport = new GrpcTransport(
  { listen: process.argv[2] ?? "127.0.0.1:0" },
  { clock: new RealClock(), logger },
);
const seen = new Recorder();
seen.onCallDo = () => new Promise(() => undefined);
await transport.start(seen);
transport.identify({ clusterId: "c", generation: 1, peerId: peerId(2) });
process.stdout.write(`${transport.address}\n`);

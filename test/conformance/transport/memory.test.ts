import { seededRandom } from "../../../src/base/random.ts";
import { MemoryNetwork } from "../../../src/transport/memory/memory-network.ts";
import { MemoryTransport } from "../../../src/transport/memory/memory-transport.ts";
import { describeTransport } from "./suite.ts";
import { RealClock } from "./support.ts";

describeTransport("memory transport", () => {
  const clock = new RealClock();
  const network = new MemoryNetwork({}, { clock, random: seededRandom(1) });
  return {
    clock,
    create: (listen, limits) => new MemoryTransport({ listen, limits }, { network }),
  };
});

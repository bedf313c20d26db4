// Where the machines of a run are: each in a network of its own, or all on loopback.
import { freePorts } from "../../bench/lib/ports.ts";
import type { Place } from "./cluster.ts";
import { Namespaces } from "./network/namespaces.ts";
import type { RunId } from "./run-id.ts";

const doorPorts = { http: 7470, grpc: 7471, peer: 7472 } as const;

export interface Ground {
  readonly places: readonly Place[];
  readonly network: Namespaces | undefined;
}

export async function loopbackGround(slots: number): Promise<Ground> {
  const ports = await freePorts(3 * slots);
  const places = Array.from({ length: slots }, (_, slot): Place => {
    const [http = 0, grpc = 0, peer = 0] = ports.slice(3 * slot);
    return { host: "127.0.0.1", ports: { http, grpc, peer }, launcher: [] };
  });
  return { places, network: undefined };
}

/** `network.destroy` removes everything, also after a start that failed. */
export function namespaceGround(slots: number, run: RunId): Ground {
  const network = new Namespaces({ run, slots, ports: Object.values(doorPorts) });
  const places = Array.from(
    { length: slots },
    (_, slot): Place => ({
      host: network.addressOf(slot),
      ports: doorPorts,
      launcher: network.launcher(slot),
    }),
  );
  return { places, network };
}

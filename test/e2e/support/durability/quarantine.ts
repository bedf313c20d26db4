// What a server does about damage that it cannot mend: it puts the damaged parts aside, says so, and is a voter again, as a
// new peer, by itself.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Machine } from "../../../../bench/lib/local-cluster.ts";
import type { DurableServers } from "./servers.ts";

const returnMs = 60_000;

function folders({ dataDirectory }: Machine): readonly string[] {
  const kept = join(dataDirectory, "quarantined");
  return existsSync(kept) ? readdirSync(kept).sort((a, b) => Number(a) - Number(b)) : [];
}

export function quarantines(machine: Machine): number {
  return folders(machine).length;
}

/** As the file says, which is of the present peer. */
function peerIdOf({ dataDirectory }: Machine): number {
  const text = readFileSync(join(dataDirectory, "identity"), "utf8");
  const { identity } = JSON.parse(text) as { readonly identity: { readonly peerId: number } };
  return identity.peerId;
}

export interface Expected {
  /** What its log must name. */
  readonly code: RegExp;
  /** Below the data directory: kept as evidence. */
  readonly kept: string;
}

/**
 * Does `damage` to a machine, which starts again if `damage` stopped it, while clients write. Afterwards it is a voter under
 * a new peer id, has everything that was acknowledged, has told what it found, and keeps the evidence.
 */
export async function expectReadmission(
  { servers, machine }: { readonly servers: DurableServers; readonly machine: Machine },
  expected: Expected,
  damage: () => Promise<void> | void,
): Promise<void> {
  const before = { log: machine.log().length, peer: peerIdOf(machine) };
  let kept = folders(machine);
  await servers.whileWriting(async () => {
    await servers.acknowledges(40);
    await damage();
    if (!machine.isRunning()) {
      // The damage may have been another directory in the place of this one.
      kept = folders(machine);
      machine.start();
    }
    await servers.acknowledges(40);
    await servers.newPeer(machine, before.peer, returnMs);
    await servers.allBack(servers.machines, returnMs);
  });
  expect(await servers.problems()).toEqual([]);
  expect(await servers.problemsOfCopy(machine)).toEqual([]);
  expect(machine.log().slice(before.log)).toMatch(expected.code);
  const [folder, ...more] = folders(machine).filter((name) => !kept.includes(name));
  expect(more).toEqual([]);
  const evidence = join(machine.dataDirectory, "quarantined", String(folder), expected.kept);
  expect(existsSync(evidence), `${evidence} exists`).toBe(true);
  expect(peerIdOf(machine)).not.toBe(before.peer);
}

// From an empty directory to a member, over a memory network in virtual time, with crashes between the steps.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import { seededRandom } from "../../../src/base/random.ts";
import {
  decodeHelloAnswer,
  decodeHelloRequest,
  decodeProposal,
  encodeHelloAnswer,
  type HelloAnswer,
} from "../../../src/registry/hello.ts";
import { AdmissionDriver, type Admitted } from "../../../src/server/admission.ts";
import {
  type MemoryDataDirectory,
  memoryDataDirectory,
} from "../../../src/storage/memory/data-directory.ts";
import { MemoryNetwork } from "../../../src/transport/memory/memory-network.ts";
import { MemoryTransport } from "../../../src/transport/memory/memory-transport.ts";
import { VirtualClock } from "../../unit/replica/virtual-clock.ts";
import { serverProfile } from "../support/services.ts";

const handlers = {
  onMessage: () => undefined,
  onCall: () => Promise.reject(new Error("no")),
  onPull: () => {
    throw new Error("no");
  },
  onDisconnected: () => undefined,
  onConnected: () => undefined,
};

let clock: VirtualClock;
let network: MemoryNetwork;
let transports: MemoryTransport[];

beforeEach(() => {
  clock = new VirtualClock();
  network = new MemoryNetwork({}, { clock, random: seededRandom(1) });
  transports = [];
});
afterEach(async () => {
  for (const transport of transports) await clock.settled(transport.stop());
});

interface Starting {
  readonly data: MemoryDataDirectory;
  readonly driver: AdmissionDriver;
  readonly transport: MemoryTransport;
  readonly run: Promise<Admitted>;
  outcome: Admitted | Error | undefined;
}

const all = ["s1:7000", "s2:7000", "s3:7000"];

interface StartOptions {
  readonly data?: MemoryDataDirectory;
  readonly join?: readonly string[];
  readonly expect?: number;
  readonly awaitAdd?: boolean;
  readonly answer?: HelloAnswer;
}

async function start(id: number, options: StartOptions = {}): Promise<Starting> {
  const { join = all, awaitAdd = false } = options;
  const profile = serverProfile(id);
  const { serverId, incarnation, peerAddress } = profile;
  const data = options.data ?? memoryDataDirectory({ serverId, random: () => incarnation });
  const transport = new MemoryTransport({ listen: peerAddress }, { network });
  transports.push(transport);
  const driver = new AdmissionDriver(
    { join, expect: options.expect ?? join.length, awaitAdd, earlier: undefined },
    { data, transport, clock, wallClock: clock, logger: silentLogger, profile },
  );
  await transport.start({
    ...handlers,
    onHello: () => Promise.resolve(encodeHelloAnswer(driver.candidateAnswer())),
  });
  const starting: Starting = { data, driver, transport, run: driver.run(), outcome: undefined };
  starting.run.then(
    (admitted) => {
      starting.outcome = admitted;
    },
    (error: unknown) => {
      starting.outcome = error as Error;
    },
  );
  return starting;
}

/** A server of cluster `old` that answers everybody with `answer`. */
async function member(address: string, answer: (kind: string) => HelloAnswer): Promise<void> {
  const transport = new MemoryTransport({ listen: address }, { network });
  transports.push(transport);
  await transport.start({
    ...handlers,
    onHello: (bytes) => {
      const { kind } = decodeHelloRequest(bytes);
      return Promise.resolve(encodeHelloAnswer(answer(kind)));
    },
  });
}

const ofOld: HelloAnswer = {
  kind: "member",
  serverId: "m",
  incarnation: "aa",
  clusterId: "old",
  generation: 1,
  proposal: null,
};

describe("formation", () => {
  test("of three empty servers ends with the same founding on all", async () => {
    const starting = [await start(1), await start(2), await start(3)];
    await clock.until("all are founded", () => starting.every(({ outcome }) => outcome));
    const admitted = starting.map(({ outcome }) => outcome as Admitted);
    expect(admitted.map(({ admission }) => admission.peerId)).toEqual([1, 2, 3]);
    const foundings = new Set(admitted.map(({ founding }) => JSON.stringify(founding)));
    expect(foundings.size).toBe(1);
    for (const { data } of starting)
      expect(decodeProposal(data.formation!)).toEqual(admitted[0]!.founding);
  });

  test("waits for a silent address, and goes on when it speaks", async () => {
    const [one, two] = [await start(1), await start(2)];
    await clock.run(10_000);
    expect([one.outcome, two.outcome]).toEqual([undefined, undefined]);
    expect([one.data.formation, two.data.formation]).toEqual([undefined, undefined]);
    const three = await start(3);
    await clock.until("all are founded", () => [one, two, three].every(({ outcome }) => outcome));
  });

  test("is continued after a crash at any step by the same command line", async () => {
    const [one, three] = [await start(1), await start(3)];
    let two = await start(2);
    await clock.until("it has accepted", () => two.data.formation !== undefined);
    const { clusterId } = decodeProposal(two.data.formation!);
    two.driver.stop();
    await clock.settled(two.transport.stop());
    two = await start(2, { data: two.data.restart("lost") });
    await clock.until("all are founded", () => [one, two, three].every(({ outcome }) => outcome));
    expect((two.outcome as Admitted).admission.clusterId).toBe(clusterId);
  });

  test("of one needs nobody", async () => {
    const one = await start(1, { join: [], expect: 1 });
    expect((await clock.settled(one.run)).admission).toMatchObject({ peerId: 1 });
  });

  test("is refused to a server that the others do not expect", async () => {
    const [one, two] = [
      await start(1, { join: all.slice(0, 2) }),
      await start(2, { join: all.slice(0, 2) }),
    ];
    await clock.until("accepted", () => one.data.formation !== undefined);
    one.driver.stop();
    two.driver.stop();
    const late = await start(3);
    await expect(clock.settled(late.run)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_FORMATION_CONFLICT",
    });
  });
});

describe("joining", () => {
  const admission = { clusterId: "old", generation: 3, peerId: 9, members: [] };

  test("a cluster that is there ends with its admission", async () => {
    await member("s2:7000", (kind) => (kind === "ask" ? ofOld : { kind: "admitted", admission }));
    const one = await start(1);
    expect(await clock.settled(one.run)).toEqual({ admission, founding: undefined });
    expect(one.data.formation).toBeUndefined();
  });

  test("is tried again while the refusal may pass, and while nobody answers", async () => {
    let asked = 0;
    await member("s2:7000", (kind) => {
      if (kind === "ask") return ofOld;
      asked += 1;
      if (asked < 4) return { kind: "refused", code: "X", message: "not now", temporary: true };
      return { kind: "admitted", admission };
    });
    const one = await start(1);
    network.cut("s1:7000", "s2:7000");
    await clock.run(3000);
    expect(one.outcome).toBeUndefined();
    network.heal();
    expect((await clock.settled(one.run)).admission.peerId).toBe(9);
    expect(asked).toBe(4);
  });

  test("ends with the reason when the refusal is for good", async () => {
    const refused: HelloAnswer = {
      kind: "refused",
      code: "QUORATE_REGISTRY_SERVER_ID_TAKEN",
      message: "s1 is taken",
      temporary: false,
    };
    await member("s2:7000", (kind) => (kind === "ask" ? ofOld : refused));
    const one = await start(1);
    await expect(clock.settled(one.run)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_NOT_ADMITTED",
      message: "s1 is taken",
      fields: { code: "QUORATE_REGISTRY_SERVER_ID_TAKEN" },
    });
  });

  test("two clusters at once is refused", async () => {
    await member("s2:7000", () => ofOld);
    await member("s3:7000", () => ({ ...ofOld, clusterId: "other" }));
    const one = await start(1);
    await expect(clock.settled(one.run)).rejects.toMatchObject({
      code: "QUORATE_REGISTRY_CLUSTERS_DIFFER",
    });
  });

  test("with garbage for an answer is silence", async () => {
    const transport = new MemoryTransport({ listen: "s2:7000" }, { network });
    transports.push(transport);
    await transport.start({ ...handlers, onHello: () => Promise.resolve(Buffer.from("hm")) });
    const one = await start(1, { join: all.slice(0, 2) });
    await clock.run(3000);
    expect(one.outcome).toBeUndefined();
    one.driver.stop();
    await expect(clock.settled(one.run)).rejects.toMatchObject({
      code: "QUORATE_SERVER_START_ABANDONED",
    });
  });

  test("says whether it waits for an operator", async () => {
    const said: boolean[] = [];
    const transport = new MemoryTransport({ listen: "s2:7000" }, { network });
    transports.push(transport);
    await transport.start({
      ...handlers,
      onHello: (bytes) => {
        const request = decodeHelloRequest(bytes);
        if (request.kind !== "join") return Promise.resolve(encodeHelloAnswer(ofOld));
        said.push(request.awaitAdd);
        return Promise.resolve(encodeHelloAnswer({ kind: "admitted", admission }));
      },
    });
    const one = await start(1, { awaitAdd: true });
    await clock.settled(one.run);
    expect(said).toEqual([true]);
  });
});

test("a stop ends the wait at once, wherever it is", async () => {
  const one = await start(1);
  await clock.run(2000);
  one.driver.stop();
  await expect(clock.settled(one.run, 2000)).rejects.toMatchObject({
    code: "QUORATE_SERVER_START_ABANDONED",
  });
  expect(decodeHelloAnswer(encodeHelloAnswer(one.driver.candidateAnswer()))).toMatchObject({
    kind: "candidate",
    proposal: null,
  });
});

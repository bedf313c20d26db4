import { beforeEach, describe, expect, test } from "vitest";
import { type LogFields, silentLogger } from "../../../src/base/logger.ts";
import { registryErrors } from "../../../src/registry/errors.ts";
import type { HelloAnswer } from "../../../src/registry/hello.ts";
import type { NewAddress } from "../../../src/registry/members.ts";
import { ProfileKeeper, type ProfileKeeperModules } from "../../../src/server/profile-keeper.ts";
import type { ServerProfile, ServerRow } from "../../../src/state/rows.ts";
import { serverProfile } from "../../integration/support/services.ts";
import { VirtualClock } from "../replica/virtual-clock.ts";

const own = serverProfile(1);
const noted: HelloAnswer = { kind: "noted" };
const unseen: HelloAnswer = {
  kind: "refused",
  code: "QUORATE_REGISTRY_NOT_SEEN_THERE",
  message: "s1 does not answer there",
  temporary: true,
};

let clock: VirtualClock;
let recorded: ServerProfile;
let leader: number;
/** address → its answer; the others are silent. */
let answers: Map<string, HelloAnswer>;
let told: string[];
let submitted: ServerProfile[];
let found: NewAddress[];
let reached: NewAddress[];
let warnings: LogFields[];
let failure: Error | undefined;
let keeper: ProfileKeeper;

const rows = [2, 3].map((id) => ({ peerId: id, profile: serverProfile(id) }) as ServerRow);

function modules(): ProfileKeeperModules {
  const replica = {
    revision: 1,
    state: { server: () => ({ profile: recorded }) },
    status: () => ({ leader }),
    barrier: () => Promise.resolve(),
    submit: ({ profile }: { profile: ServerProfile }) => {
      submitted.push(profile);
      if (failure !== undefined) return Promise.reject(failure);
      recorded = profile;
      return Promise.resolve();
    },
  } as unknown as ProfileKeeperModules["replica"];
  const ask: ProfileKeeperModules["others"]["ask"] = (_request, except) => {
    const addresses = rows.map(({ profile }) => profile.peerAddress);
    return Promise.resolve(
      addresses
        .filter((address) => except?.has(address) !== true)
        .flatMap((address) => {
          told.push(address);
          const answer = answers.get(address);
          return answer === undefined ? [] : [{ address, answer }];
        }),
    );
  };
  return {
    replica,
    others: { ask, rows: () => rows, whereabouts: () => Promise.resolve(reached) },
    onFound: (news) => found.push(news),
    clock,
    logger: { ...silentLogger, warn: (fields) => warnings.push(fields) },
  };
}

beforeEach(() => {
  clock = new VirtualClock();
  recorded = own;
  leader = 2;
  answers = new Map([
    ["s2:7000", noted],
    ["s3:7000", noted],
  ]);
  told = [];
  submitted = [];
  found = [];
  reached = [];
  warnings = [];
  failure = undefined;
  keeper = new ProfileKeeper({ profile: own, clusterId: "c" }, modules());
});

const run = (ms: number): Promise<void> => {
  keeper.start();
  return clock.run(ms);
};

describe("a server that is where the table says", () => {
  test("and in touch tells nobody and writes nothing", async () => {
    await run(60_000);
    expect([told, submitted]).toEqual([[], []]);
  });

  test("tells its address while it is out of touch, and then until all have heard it", async () => {
    leader = 0;
    answers.delete("s3:7000");
    await run(100);
    expect(told).toEqual(["s2:7000", "s3:7000"]);
    leader = 2;
    told = [];
    await clock.run(10_000);
    expect(new Set(told)).toEqual(new Set(["s3:7000"]));
    answers.set("s3:7000", noted);
    await clock.run(5000);
    told = [];
    await clock.run(60_000);
    expect([told, submitted]).toEqual([[], []]);
  });

  test("tells all of them anew when it falls out of touch later", async () => {
    leader = 0;
    await run(100);
    leader = 2;
    await clock.run(10_000);
    told = [];
    leader = 0;
    await clock.run(6000);
    expect(new Set(told)).toEqual(new Set(["s2:7000", "s3:7000"]));
  });

  test("repairs an older address that is written down late, and tells it again", async () => {
    await run(20_000);
    recorded = { ...own, peerAddress: "wrong:1" };
    await clock.run(6000);
    expect(submitted).toEqual([own]);
    expect(told).toEqual(["s2:7000", "s3:7000"]);
    recorded = { ...own, peerAddress: "wrong:2" };
    await clock.run(6000);
    expect([submitted.length, told.length]).toEqual([2, 4]);
  });
});

test("an address that the others do not reach is warned of once for each of them", async () => {
  leader = 0;
  answers.set("s2:7000", unseen);
  answers.set("s3:7000", { ...unseen, code: "QUORATE_REPLICA_NO_LEADER" });
  await run(10_000);
  expect(warnings).toEqual([{ address: "s2:7000", reason: "s1 does not answer there" }]);
  expect(told.length).toBeGreaterThan(10);
});

test("what is refused as invalid is said once and tried again", async () => {
  failure = registryErrors.BAD_HELLO("not like this");
  recorded = { ...own, version: "older" };
  await run(30_000);
  expect(submitted.length).toBeGreaterThan(3);
  expect(warnings).toHaveLength(1);
  failure = undefined;
  await clock.run(6000);
  expect(recorded).toEqual(own);
});

test("those that were reached are told of, also where the table says", async () => {
  leader = 0;
  const { peerId } = rows[0]!;
  reached = [{ peerId, recorded: "s2:7000", address: "s2:7000" }];
  await run(100);
  expect(found).toEqual(reached);
});

test("nothing comes after a stop", async () => {
  leader = 0;
  await run(100);
  keeper.stop();
  told = [];
  await clock.run(20_000);
  expect([told, clock.waiting]).toEqual([[], 0]);
});

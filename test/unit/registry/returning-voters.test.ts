import { expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import type { Members } from "../../../src/registry/contract.ts";
import { ReturningVoters } from "../../../src/registry/returning-voters.ts";
import type { Replica } from "../../../src/replica/contract.ts";
import { VirtualClock } from "../replica/virtual-clock.ts";

interface Row {
  role: string;
  readonly wasVoter: boolean;
  readonly profile: { readonly serverId: string };
}

/** `refusals` promotions are refused before one is done. */
function fixture(refusals: number) {
  const clock = new VirtualClock();
  const rows: Row[] = [
    { role: "voter", wasVoter: false, profile: { serverId: "s1" } },
    { role: "learner", wasVoter: false, profile: { serverId: "s2" } },
    { role: "learner", wasVoter: true, profile: { serverId: "s3" } },
  ];
  const asked: string[] = [];
  const promote = ({ serverId }: { readonly serverId: string }): Promise<unknown> => {
    asked.push(serverId);
    if (asked.length <= refusals) return Promise.reject(new Error("not caught up"));
    const row = rows.find(({ profile }) => profile.serverId === serverId);
    if (row !== undefined) row.role = "voter";
    return Promise.resolve({});
  };
  const replica = { state: { servers: () => rows } } as unknown as Replica;
  const members = { promote } as unknown as Members;
  return {
    clock,
    rows,
    asked,
    duty: new ReturningVoters({ replica, members, clock, logger: silentLogger }),
  };
}

test("a learner that was a voter is promoted, asked for until it is, and nobody else", async () => {
  const { clock, rows, asked, duty } = fixture(2);
  duty.start();
  await clock.run(60_000);
  expect(asked).toEqual(["s3", "s3", "s3"]);
  expect(rows.map(({ role }) => role)).toEqual(["voter", "learner", "voter"]);
  duty.stop();
  expect(clock.waiting).toBe(0);
});

test("nothing is asked by a server that does not lead any more", async () => {
  const { clock, asked, duty } = fixture(1000);
  duty.start();
  duty.stop();
  await clock.run(60_000);
  expect(asked).toEqual([]);
});

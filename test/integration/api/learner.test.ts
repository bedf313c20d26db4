// What a server without a vote says about itself, asked through the table of calls.
import { afterEach, expect, test } from "vitest";
import { allCalls } from "../../../src/api/calls/all.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { by, Fleet, type Site } from "../support/services.ts";
import { newHealth, newTurns } from "./single.ts";

let fleet: Fleet;
afterEach(() => fleet.stop());

async function roleOf(site: Site): Promise<unknown> {
  const getStatus = allCalls.find(({ method }) => method === "GetStatus")!;
  const answering = getStatus.begin({
    services: () => site.services,
    health: newHealth(),
    turns: newTurns(),
    logger: silentLogger,
  });
  const answer = await fleet.settled(answering({}, by));
  return (answer as { readonly role: string }).role;
}

test("a learner is a learner until it is promoted, then a follower", async () => {
  fleet = await new Fleet({ size: 3 }).found();
  const leader = await fleet.leader();
  const profile = await fleet.empty(4);
  const { members } = leader.services;
  await fleet.settled(members.add({ peerAddress: profile.peerAddress }, by));
  const joined = await fleet.join(profile, members.admissionOf(profile)!);
  await fleet.converged();
  expect(await roleOf(leader)).toBe("leader");
  expect(await roleOf(fleet.followers(leader)[0]!)).toBe("follower");
  expect(await roleOf(joined)).toBe("learner");
  await fleet.settled(members.promote({ serverId: "s4" }, by));
  await fleet.converged();
  expect(await roleOf(joined)).toBe("follower");
});

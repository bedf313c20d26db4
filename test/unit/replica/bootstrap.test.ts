import { expect, test } from "vitest";
import { index, peerId } from "../../../src/base/numbers.ts";
import { membershipDecode } from "../../../src/raft/membership/codec.ts";
import { bootstrapLog } from "../../../src/replica/bootstrap.ts";
import { decodeMembershipContext } from "../../../src/state/command-codec.ts";
import { memoryDataDirectory } from "../../../src/storage/memory/data-directory.ts";
import { profileOf } from "../../integration/replica/cluster.ts";

const founders = [3, 1, 2].map((id) => ({ peerId: peerId(id), profile: profileOf(id) }));

test("every founder writes the same bytes, in the order of peer ids, committed in term 1", async () => {
  const one = memoryDataDirectory();
  const two = memoryDataDirectory();
  await bootstrapLog(one.log, { atMs: 77, founders });
  await bootstrapLog(two.log, { atMs: 77, founders: founders.toReversed() });
  const entries = one.log.view.entries(index(1), index(4), 1_000_000)!;
  expect(two.log.view.entries(index(1), index(4), 1_000_000)).toEqual(entries);
  expect(one.log.view.initialHardState()).toEqual({ term: 1, vote: 0, commit: 3 });
  const changes = entries.map(({ data }) => membershipDecode(data));
  expect(changes.map(({ steps }) => steps)).toEqual([
    [{ kind: "add-voter", peer: 1 }],
    [{ kind: "add-voter", peer: 2 }],
    [{ kind: "add-voter", peer: 3 }],
  ]);
  const contexts = changes.map(({ context }) => decodeMembershipContext(context));
  expect(contexts[1]).toMatchObject({
    atMs: 77,
    added: [{ peerId: 2, profile: { serverId: "s2" } }],
  });
});

test("only an empty log is founded, by founders that differ", async () => {
  const { log } = memoryDataDirectory();
  await expect(bootstrapLog(log, { atMs: 1, founders: [] })).rejects.toThrow("at least one");
  const twice = { atMs: 1, founders: [founders[0]!, founders[0]!] };
  await expect(bootstrapLog(log, twice)).rejects.toThrow("differ");
  await bootstrapLog(log, { atMs: 1, founders });
  await expect(bootstrapLog(log, { atMs: 1, founders })).rejects.toThrow("empty log");
});

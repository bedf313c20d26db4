import { beforeEach, expect, test } from "vitest";
import { peerId } from "../../../src/base/numbers.ts";
import { PeerAddresses } from "../../../src/server/peer-addresses.ts";
import type { PeerAddress, Transport } from "../../../src/transport/contract.ts";

const two = peerId(2);
const three = peerId(3);

let dialled: string[][];
let addresses: PeerAddresses;
let table: Transport;

beforeEach(() => {
  dialled = [];
  const transport = {
    address: "me:1",
    setPeers: (peers: readonly PeerAddress[]) => {
      dialled.push(peers.map(({ peerId: peer, address }) => `${String(peer)}@${address}`));
    },
  } as unknown as Transport;
  addresses = new PeerAddresses(transport);
  table = addresses.byTable();
});

const recorded = (address: string): void => {
  table.setPeers([
    { peerId: two, address },
    { peerId: three, address: "c:1" },
  ]);
};

test("streams go where the table says", () => {
  recorded("b:1");
  expect(dialled).toEqual([["2@b:1", "3@c:1"]]);
  expect(table.address).toBe("me:1");
});

test("what a member tells counts at once, and for as long as the table is behind", () => {
  recorded("b:1");
  addresses.told({ peerId: two, recorded: "b:1", address: "b:2" });
  recorded("b:1");
  expect(dialled.slice(1)).toEqual([
    ["2@b:2", "3@c:1"],
    ["2@b:2", "3@c:1"],
  ]);
});

test("a newer record ends it, whatever it says", () => {
  recorded("b:1");
  addresses.told({ peerId: two, recorded: "b:1", address: "b:2" });
  recorded("b:3");
  recorded("b:1");
  expect(dialled.slice(2)).toEqual([
    ["2@b:3", "3@c:1"],
    ["2@b:1", "3@c:1"],
  ]);
});

test("of several words the last one counts", () => {
  recorded("b:1");
  addresses.told({ peerId: two, recorded: "b:1", address: "b:2" });
  addresses.told({ peerId: two, recorded: "b:1", address: "b:4" });
  expect(dialled.at(-1)).toEqual(["2@b:4", "3@c:1"]);
});

test("a word about another record, or about no peer, is not heard", () => {
  recorded("b:1");
  addresses.told({ peerId: two, recorded: "b:0", address: "b:2" });
  addresses.told({ peerId: peerId(9), recorded: "b:1", address: "b:2" });
  expect(dialled).toHaveLength(1);
});

test("a member that is back where the table says is taken at its word", () => {
  recorded("b:1");
  addresses.told({ peerId: two, recorded: "b:1", address: "b:2" });
  addresses.told({ peerId: two, recorded: "b:1", address: "b:1" });
  recorded("b:1");
  expect(dialled.slice(2)).toEqual([
    ["2@b:1", "3@c:1"],
    ["2@b:1", "3@c:1"],
  ]);
});

test("one that was never elsewhere changes nothing", () => {
  recorded("b:1");
  addresses.told({ peerId: two, recorded: "b:1", address: "b:1" });
  expect(dialled).toHaveLength(1);
});

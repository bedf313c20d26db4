import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import { index, peerId, term } from "../../../src/base/numbers.ts";
import type { ReplicaStatus } from "../../../src/replica/contract.ts";
import { BootBook } from "../../../src/server/boot-book.ts";
import type { Identity } from "../../../src/storage/contract.ts";
import { readBoots } from "../../../src/storage/files/boots.ts";
import {
  heardBootsMax,
  newIdentity,
  nextBoot,
  randomHex,
  unheardBootsMax,
} from "../../../src/storage/files/identity.ts";
import type { PeerBoot } from "../../../src/transport/contract.ts";
import { earlierStartsMax } from "../../../src/transport/limits.ts";
import { temporaryDirectory } from "../../conformance/storage/harness.ts";

let dir: string;
beforeEach(async () => {
  dir = await temporaryDirectory();
});
afterEach(() => rmSync(dir, { recursive: true }));

const two = peerId(2);
const stale = "QUORATE_TRANSPORT_STALE_DATA";

/** Of a directory that has been through every start before. */
function boot(counter: number, nonce = `n${String(counter)}`, lastIndex = 10, at = 3): PeerBoot {
  const before = Array.from({ length: counter - 1 }, (_, i) => i + 1);
  const earlier = before.map((each) => ({ counter: each, nonce: `n${String(each)}` }));
  return { counter, nonce, lastIndex: index(lastIndex), term: term(at), earlier, knownSince: 0 };
}

/** What the present start of a directory tells. */
function told(identity: Identity): PeerBoot {
  const { bootCounter: counter, bootNonce: nonce, earlierBoots, bootsKnownSince } = identity;
  const log = { lastIndex: index(10), term: term(3) };
  return { ...log, counter, nonce, earlier: earlierBoots, knownSince: bootsKnownSince };
}

/** The directory after `count` more starts, each of which a peer has heard, or none. */
function started(identity: Identity, count: number, isHeard: boolean): Identity {
  let at = identity;
  for (let i = 0; i < count; i += 1) at = { ...nextBoot(at, randomHex), isBootHeard: isHeard };
  return at;
}
const fresh = (): Identity => newIdentity("two", randomHex);

/** A leader of term 3 that knows peer 2 to hold entries up to `match`; 0 = this server follows. */
function status(match: number): ReplicaStatus {
  return {
    role: match === 0 ? "follower" : "leader",
    term: term(3),
    peers: match === 0 ? [] : [{ peerId: two, match: index(match), active: true }],
  } as unknown as ReplicaStatus;
}

async function book(match = 0): Promise<BootBook> {
  const opened = new BootBook(dir, { status: () => status(match), logger: silentLogger });
  await opened.open();
  return opened;
}

describe("the starts of a peer", () => {
  test("are taken in ascending order, and the present one any number of times", async () => {
    const seen = await book();
    for (const counter of [3, 3, 4, 7, 7]) expect(seen.refusal(two, boot(counter))).toBeUndefined();
  });

  test("of an older number, or of the same number and another nonce, are refused", async () => {
    const seen = await book();
    seen.refusal(two, boot(5));
    expect(seen.refusal(two, boot(4))?.code).toBe(stale);
    expect(seen.refusal(two, boot(5, "of a copy"))?.code).toBe(stale);
    expect(seen.refusal(two, boot(5))).toBeUndefined();
    expect(seen.refusal(peerId(3), boot(1))).toBeUndefined();
  });

  test("are remembered by the next life of this server", async () => {
    const seen = await book();
    seen.refusal(two, boot(5));
    expect((await book()).refusal(two, boot(4))?.code).toBe(stale);
  });

  test("are forgotten when the file is damaged, which keeps nobody out", async () => {
    const seen = await book();
    seen.refusal(two, boot(5));
    const path = join(dir, "boots");
    writeFileSync(path, readFileSync(path, "utf8").replace("5", "6"));
    const next = await book();
    expect(next.refusal(two, boot(5))).toBeUndefined();
  });
});

describe("a later start of a peer", () => {
  test("is refused if it is of an old copy that was started, unseen, until its number was above", async () => {
    const seen = await book();
    const copy = started(fresh(), 5, true);
    expect(seen.refusal(two, told(started(copy, 3, true)))).toBeUndefined();
    for (const unseen of [1, 3, 4, 5, 200]) {
      const { code, fields } = seen.refusal(two, told(started(copy, unseen, false))) ?? {};
      expect(code).toBe(stale);
      expect(fields).toEqual({ peer: two, counter: 5 + unseen, seen: 8 });
    }
  });

  test("is taken after any number of starts that nobody heard", async () => {
    const seen = await book();
    const healthy = started(fresh(), 8, true);
    expect(seen.refusal(two, told(healthy))).toBeUndefined();
    const back = started(healthy, 200, false);
    expect(back.bootCounter).toBe(208);
    expect(seen.refusal(two, told(back))).toBeUndefined();
    expect(seen.refusal(two, told(healthy))?.code).toBe(stale);
  });

  test("is taken after a start that this server remembers and the directory could not note as heard", async () => {
    const seen = await book();
    const crashed = started(started(fresh(), 3, true), 1, false);
    expect(seen.refusal(two, told(crashed))).toBeUndefined();
    expect(seen.refusal(two, told(started(crashed, unheardBootsMax, false)))).toBeUndefined();
  });

  test("is not judged by a server that was away for more heard starts than are kept", async () => {
    const seen = await book();
    const before = started(fresh(), 5, true);
    expect(seen.refusal(two, told(before))).toBeUndefined();
    const known = told(started(before, heardBootsMax, true));
    expect(known.earlier[0]?.counter).toBe(5);
    const unknown = told(started(before, heardBootsMax + 1, true));
    expect(unknown.earlier.some(({ counter }) => counter === 5)).toBe(false);
    expect(unknown.knownSince).toBe(6);
    expect(seen.refusal(two, unknown)).toBeUndefined();
  });

  test("has at most as many earlier ones as may be told", () => {
    expect(heardBootsMax + unheardBootsMax).toBeLessThanOrEqual(earlierStartsMax);
  });
});

describe("a start of a peer is taken only once it is kept", () => {
  test("on the disk when the answer is given", async () => {
    const seen = await book();
    expect(seen.refusal(two, boot(5))).toBeUndefined();
    expect(await readBoots(dir)).toEqual([{ peerId: two, counter: 5, nonce: "n5" }]);
    expect(seen.refusal(two, boot(6))).toBeUndefined();
    expect(await readBoots(dir)).toEqual([{ peerId: two, counter: 6, nonce: "n6" }]);
  });

  test("and refused for the time being when the disk does not take it", async () => {
    const seen = await book();
    expect(seen.refusal(two, boot(5))).toBeUndefined();
    // Stands in the way of the new file, also for root.
    mkdirSync(join(dir, "boots.partial"));
    const notKept = { code: "QUORATE_TRANSPORT_START_NOT_KEPT", kind: "unavailable" };
    expect(seen.refusal(two, boot(6))).toMatchObject(notKept);
    expect(seen.refusal(two, boot(6))).toMatchObject({ fields: { peer: two, counter: 6 } });
    expect(seen.refusal(two, boot(5))).toBeUndefined();
    rmSync(join(dir, "boots.partial"), { recursive: true });
    expect(seen.refusal(two, boot(6))).toBeUndefined();
    expect(seen.refusal(two, boot(5))?.code).toBe(stale);
  });
});

describe("a leader", () => {
  test("refuses a start whose log ends before what the peer acknowledged in this term", async () => {
    const seen = await book(11);
    expect(seen.refusal(two, boot(2))?.code).toBe(stale);
    expect(seen.refusal(two, boot(2))?.code).toBe(stale);
    expect(seen.refusal(two, boot(2, "n2", 11))).toBeUndefined();
  });

  test("does not judge the log of a start that it knows: it was that long when it began", async () => {
    const seen = await book();
    seen.refusal(two, boot(2));
    const leader = await book(50);
    expect(leader.refusal(two, boot(2))).toBeUndefined();
  });

  test("does not judge a peer that has heard of a newer leader, who may have cut off what was not committed", async () => {
    const seen = await book(11);
    expect(seen.refusal(two, boot(2, "n2", 5, 4))).toBeUndefined();
  });

  test("is the only one that judges by the log", async () => {
    const seen = await book(0);
    expect(seen.refusal(two, boot(2, "n2", 0))).toBeUndefined();
  });
});

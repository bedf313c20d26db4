import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import { index, peerId, term } from "../../../src/base/numbers.ts";
import type { ReplicaStatus } from "../../../src/replica/contract.ts";
import { BootBook } from "../../../src/server/boot-book.ts";
import type { PeerBoot } from "../../../src/transport/contract.ts";
import { temporaryDirectory } from "../../conformance/storage/harness.ts";

let dir: string;
beforeEach(async () => {
  dir = await temporaryDirectory();
});
afterEach(() => rmSync(dir, { recursive: true }));

const two = peerId(2);
const stale = "QUORATE_TRANSPORT_STALE_DATA";

function boot(counter: number, nonce = `n${String(counter)}`, lastIndex = 10, at = 3): PeerBoot {
  return { counter, nonce, lastIndex: index(lastIndex), term: term(at) };
}

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
    await seen.stop();
  });

  test("of an older number, or of the same number and another nonce, are refused", async () => {
    const seen = await book();
    seen.refusal(two, boot(5));
    expect(seen.refusal(two, boot(4))?.code).toBe(stale);
    expect(seen.refusal(two, boot(5, "of a copy"))?.code).toBe(stale);
    expect(seen.refusal(two, boot(5))).toBeUndefined();
    expect(seen.refusal(peerId(3), boot(1))).toBeUndefined();
    await seen.stop();
  });

  test("are remembered by the next life of this server", async () => {
    const seen = await book();
    seen.refusal(two, boot(5));
    await seen.stop();
    expect((await book()).refusal(two, boot(4))?.code).toBe(stale);
  });

  test("are forgotten when the file is damaged, which keeps nobody out", async () => {
    const seen = await book();
    seen.refusal(two, boot(5));
    await seen.stop();
    const path = join(dir, "boots");
    writeFileSync(path, readFileSync(path, "utf8").replace("5", "6"));
    const next = await book();
    expect(next.refusal(two, boot(5))).toBeUndefined();
    await next.stop();
  });
});

describe("a leader", () => {
  test("refuses a start whose log ends before what the peer acknowledged in this term", async () => {
    const seen = await book(11);
    expect(seen.refusal(two, boot(2))?.code).toBe(stale);
    expect(seen.refusal(two, boot(2))?.code).toBe(stale);
    expect(seen.refusal(two, boot(2, "n2", 11))).toBeUndefined();
    await seen.stop();
  });

  test("does not judge the log of a start that it knows: it was that long when it began", async () => {
    const seen = await book();
    seen.refusal(two, boot(2));
    await seen.stop();
    const leader = await book(50);
    expect(leader.refusal(two, boot(2))).toBeUndefined();
  });

  test("does not judge a peer that has heard of a newer leader, who may have cut off what was not committed", async () => {
    const seen = await book(11);
    expect(seen.refusal(two, boot(2, "n2", 5, 4))).toBeUndefined();
    await seen.stop();
  });

  test("is the only one that judges by the log", async () => {
    const seen = await book(0);
    expect(seen.refusal(two, boot(2, "n2", 0))).toBeUndefined();
    await seen.stop();
  });
});

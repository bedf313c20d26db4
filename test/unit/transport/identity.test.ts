// What the caller of a stream says about the starts of its data: exact, bounded, and refused by name.
import { Metadata } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { QuorateError } from "../../../src/base/errors.ts";
import { index, peerId, term } from "../../../src/base/numbers.ts";
import type { EarlierStart, PeerBoot } from "../../../src/transport/contract.ts";
import { admit, identityMetadata } from "../../../src/transport/grpc/identity.ts";
import { earlierStartsMax, startNonceCharsMax } from "../../../src/transport/limits.ts";

const self = { clusterId: "c", generation: 1, peerId: peerId(2) };
const header = "quorate-identity-bin";

function starts(count: number): EarlierStart[] {
  return Array.from({ length: count }, (_, i) => ({ counter: i + 1, nonce: "0123456789abcdef" }));
}

function boot(changes: Partial<PeerBoot> = {}): PeerBoot {
  const log = { term: term(3), lastIndex: index(12) };
  return { counter: 100, nonce: "n", ...log, earlier: starts(3), knownSince: 2, ...changes };
}

const metadataOf = (told: PeerBoot): Metadata =>
  identityMetadata({ ...self, peerId: peerId(1), boot: told }, self.peerId);
const heard = (told: PeerBoot): ReturnType<typeof admit> => admit(metadataOf(told), self);

test.each([
  boot(),
  boot({ earlier: [] }),
  boot({ earlier: starts(earlierStartsMax) }),
  boot({ nonce: "x".repeat(startNonceCharsMax) }),
])("what is told is heard", (told) => {
  expect(heard(told)).toEqual({ peerId: 1, boot: told });
});

const unordered = [
  { counter: 5, nonce: "a" },
  { counter: 5, nonce: "b" },
];
test.each([
  ["65 earlier starts, above 64", { earlier: starts(earlierStartsMax + 1) }],
  ["the numbers of the earlier starts do not ascend", { earlier: unordered }],
  ["the numbers of the earlier starts do not ascend", { earlier: [{ counter: 0, nonce: "a" }] }],
  ["the numbers of the earlier starts do not ascend", { earlier: [{ counter: 100, nonce: "a" }] }],
  ["the nonce of a start has 0 characters", { earlier: [{ counter: 1, nonce: "" }] }],
  ["the nonce of a start has 65 characters", { nonce: "x".repeat(startNonceCharsMax + 1) }],
])("refused: %s", (why, changes) => {
  const refused = heard(boot(changes));
  expect(refused).toBeInstanceOf(QuorateError);
  expect(refused).toMatchObject({
    code: "QUORATE_TRANSPORT_FOREIGN_PEER",
    message: `the caller's identity could not be read: ${why}`,
  });
});

test("an end that is missing is refused wherever it is", () => {
  const whole = metadataOf(boot()).get(header)[0] as Buffer;
  const without = identityMetadata({ ...self, peerId: peerId(1) }, self.peerId);
  const plain = (without.get(header)[0] as Buffer).length;
  for (let length = 0; length < whole.length; length += 1) {
    if (length === plain) continue;
    const metadata = new Metadata();
    metadata.set(header, whole.subarray(0, length));
    expect(admit(metadata, self)).toMatchObject({ code: "QUORATE_TRANSPORT_FOREIGN_PEER" });
  }
});

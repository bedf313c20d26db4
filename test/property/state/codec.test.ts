import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { QuorateError } from "../../../src/base/errors.ts";
import {
  decodeCommand,
  decodeMembershipContext,
  encodeCommand,
  encodeMembershipContext,
} from "../../../src/state/command-codec.ts";
import { decodeResult, encodeResult } from "../../../src/state/result-codec.ts";
import { damages, envelopes, membershipContexts, results } from "./arbitraries.ts";

interface Pair<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

const commands = { encode: encodeCommand, decode: decodeCommand };
const contexts = { encode: encodeMembershipContext, decode: decodeMembershipContext };
const outcomes = { encode: encodeResult, decode: decodeResult };

function roundTrips<T>(values: fc.Arbitrary<T>, pair: Pair<T>): void {
  fc.assert(
    fc.property(values, (value) => {
      const bytes = pair.encode(value);
      const decoded = pair.decode(bytes);
      expect(decoded).toEqual(value);
      expect(pair.encode(decoded)).toEqual(bytes);
    }),
    { numRuns: 400 },
  );
}

/** Damaged bytes give a coded error, or another value that has exactly these bytes. */
function survivesDamage<T>(values: fc.Arbitrary<T>, pair: Pair<T>, canonical: boolean): void {
  fc.assert(
    fc.property(values, damages, (value, damage) => {
      const bytes = damage(pair.encode(value));
      let decoded: T;
      try {
        decoded = pair.decode(bytes);
      } catch (error) {
        if (error instanceof QuorateError && error.code.startsWith("QUORATE_STATE_")) return;
        throw error;
      }
      if (canonical) expect(pair.encode(decoded)).toEqual(bytes);
    }),
    { numRuns: 1500 },
  );
}

describe("round trip", () => {
  test("commands", () => {
    roundTrips(envelopes, commands);
  });
  test("membership contexts", () => {
    roundTrips(membershipContexts, contexts);
  });
  test("results", () => {
    roundTrips(results, outcomes);
  });
});

describe("damage", () => {
  test("commands", () => {
    survivesDamage(envelopes, commands, true);
  });
  test("membership contexts", () => {
    survivesDamage(membershipContexts, contexts, true);
  });
  test("results", () => {
    survivesDamage(results, outcomes, false);
  });
  test("noise", () => {
    const noise = fc.uint8Array({ maxLength: 60 }).map((tail) => Uint8Array.from([1, ...tail]));
    fc.assert(
      fc.property(noise, (bytes) => {
        for (const pair of [commands, contexts, outcomes]) {
          expect(() => {
            try {
              pair.decode(bytes);
            } catch (error) {
              if (!(error instanceof QuorateError)) throw error;
            }
          }).not.toThrow();
        }
      }),
      { numRuns: 2000 },
    );
  });
});

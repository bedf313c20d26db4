import { randomBytes } from "node:crypto";
import { type Random, seededRandom } from "../../base/random.ts";

/** A generator with a seed that nobody can guess; for timeouts and choices, never for secrets. */
export function systemRandom(): Random {
  return seededRandom(randomBytes(4).readUInt32BE());
}

// The state is the same on all servers at the same index, bit for bit.
import type { Report } from "./report.ts";

export class StateDigests {
  readonly #report: Report;
  readonly #digests = new Map<number, { readonly digest: string; readonly seenOn: string }>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** `server` has applied everything up to `index` and nothing more. */
  is(server: string, index: number, digest: string): void {
    const known = this.#digests.get(index);
    if (known === undefined) this.#digests.set(index, { digest, seenOn: server });
    else if (known.digest !== digest) {
      const detail = `at ${index} the state is ${known.digest} on ${known.seenOn} and ${digest} on ${server}`;
      this.#report({ checker: "state-digests", detail });
    }
  }
}

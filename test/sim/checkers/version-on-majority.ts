// When a version of a file becomes visible, a majority of the voters has every byte of it on disk; and whoever serves it
// serves those bytes.
import type { VotersInForce } from "./committed-on-quorum.ts";
import type { Report } from "./report.ts";

export interface VisibleVersion {
  /** Namespace, name and number. */
  readonly name: string;
  readonly digests: readonly string[];
}

export class VersionOnMajority {
  readonly #report: Report;
  readonly #seen = new Set<string>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** True when nobody has seen it yet. */
  isNew(name: string): boolean {
    return !this.#seen.has(name);
  }

  /** `server` is the first to see the version; `holds` = the voter's disk has the chunk. */
  visible(
    server: string,
    { name, digests }: VisibleVersion,
    quorum: VotersInForce & { readonly holds: (voter: number, digest: string) => boolean },
  ): void {
    this.#seen.add(name);
    for (const half of [quorum.voters, quorum.votersOutgoing]) {
      const holders = half.filter((voter) =>
        digests.every((digest) => quorum.holds(voter, digest)),
      );
      if (2 * holders.length > half.length || half.length === 0) continue;
      const detail = `${name} is visible on ${server}; its bytes are on ${holders.join(",")} of ${half.join(",")}`;
      this.#report({ checker: "version-on-majority", detail });
    }
  }

  /** `server` has delivered `found` under a version that stands for `digest`. */
  served(server: string, name: string, delivered: { found: string; digest: string }): void {
    const { found, digest } = delivered;
    if (found === digest) return;
    const detail = `${server} served ${found.slice(0, 12)} as ${name}, which is ${digest.slice(0, 12)}`;
    this.#report({ checker: "bytes-as-committed", detail });
  }
}

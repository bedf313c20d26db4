// The cluster as a server's own agent sees it: this server's copy of the tables, no network at all.
import { createHash } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Revision, SessionId } from "../../base/numbers.ts";
import type { Replica } from "../../replica/contract.ts";
import type { Resources } from "../../resources/contract.ts";
import type { ResourceRef, RunReport } from "../../state/rows.ts";
import { runnerErrors } from "../errors.ts";
import type { AssignedJob, ClusterView } from "./contract.ts";

/** A report that the leader has not taken by then is handed in again. */
const reportDeadlineMs = 5000;
const fetchDeadlineMs = 60_000;

export interface LocalClusterModules {
  readonly replica: Replica;
  readonly resources: Resources;
}

export class LocalCluster implements ClusterView {
  readonly #serverId: string;
  readonly #modules: LocalClusterModules;

  constructor(options: { readonly serverId: string }, modules: LocalClusterModules) {
    this.#serverId = options.serverId;
    this.#modules = modules;
  }

  poll(): { readonly revision: Revision; readonly jobs: readonly AssignedJob[] } {
    const { state, revision } = this.#modules.replica;
    const jobs = state.assignmentsOf(this.#serverId).flatMap((row) => {
      const job = state.job(row.jobId);
      return job === undefined ? [] : [{ row, job }];
    });
    return { revision, jobs };
  }

  async wait(since: Revision, timeoutMs: number): Promise<void> {
    await this.#modules.replica.watch.wait([`assignments/${this.#serverId}`], since, timeoutMs);
  }

  async report(
    session: SessionId,
    items: readonly {
      readonly jobId: string;
      readonly run: RunReport;
      readonly finished: boolean;
    }[],
  ): Promise<void> {
    await this.#modules.replica.submit(
      { kind: "report-runs", session, items },
      { actor: `agent:${this.#serverId}`, deadlineMs: reportDeadlineMs },
    );
  }

  async fetch(resource: ResourceRef, path: string): Promise<void> {
    const { namespace, name, version, digest } = resource;
    const download = await this.#modules.resources.download(
      { namespace, name, version: String(version) },
      { actor: `agent:${this.#serverId}`, deadlineMs: fetchDeadlineMs },
    );
    const partial = `${path}.partial`;
    try {
      const arrived = await writeSynced(partial, download.bytes);
      if (arrived !== digest) {
        throw runnerErrors.WRONG_RESOURCE(
          `${namespace}/${name}@${String(version)} has digest ${arrived}, the job wants ${digest}`,
        );
      }
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
    await rename(partial, path);
    await syncDirectory(dirname(path));
  }
}

/** Writes and fsyncs: a file under its final name is taken for complete, also after a power cut. Returns its SHA-256. */
async function writeSynced(path: string, source: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  const file = await open(path, "w", 0o600);
  try {
    for await (const bytes of source) {
      hash.update(bytes);
      await file.writeFile(bytes);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}

/** Makes the new name durable. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

// Somebody reads a job's output while the machine that runs it is lost: sentinel, server process and job. The reading
// goes on with the output of the machine that runs the job next, and does not begin again from old output.
import { expect, test } from "vitest";
import { until } from "../../bench/lib/wait.ts";
import type { QuorateError } from "../../src/base/errors.ts";
import { QuorateClient } from "../../src/client/quorate-client.ts";
import { useStage } from "./support/stage.ts";

const stage = useStage({ servers: 3 });

/** Prints its epoch and a number, ten times a second. */
const program = 'n=0; while :; do n=$((n+1)); echo "$QUORATE_JOB_EPOCH:$n"; sleep 0.1; done';

interface Line {
  readonly server: string;
  readonly epoch: number;
  readonly number: number;
}

/** Follows from the beginning and keeps what it reads. */
class Following {
  readonly reasons: string[] = [];
  readonly #stop = new AbortController();
  readonly #client: QuorateClient;
  #text = "";
  #servers: { readonly from: number; readonly server: string }[] = [];
  #end: Promise<void> = Promise.resolve();

  constructor(client: QuorateClient) {
    this.#client = client;
  }

  begin(job: string): void {
    this.#end = this.#read(job);
  }

  /** Rejects with what ended the following, if anything did. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#end;
  }

  /** Whole lines so far, each with the server that it came from. */
  lines(): readonly Line[] {
    const lines: Line[] = [];
    for (const match of this.#text.matchAll(/([0-9]+):([0-9]+)\n/g)) {
      const server = this.#servers.findLast(({ from }) => from <= match.index)?.server ?? "";
      lines.push({ server, epoch: Number(match[1]), number: Number(match[2]) });
    }
    return lines;
  }

  async #read(job: string): Promise<void> {
    const onInterrupted = ({ code }: QuorateError): void => void this.reasons.push(code);
    const { signal } = this.#stop;
    for await (const piece of this.#client.jobs.followLog(job, { signal, onInterrupted })) {
      this.#servers.push({ from: this.#text.length, server: piece.serverId });
      this.#text += piece.data.toString();
    }
  }
}

/** No single read can wait until the lost machine's lease is over: the following itself has to. */
const readDeadlineMs = 1000;

/** From 1 on without a gap and without a repeat. */
function expectUnbroken(lines: readonly Line[]): void {
  expect(lines.map(({ number }) => number)).toEqual(lines.map((_, i) => i + 1));
}

test("following a job's output survives the loss of the machine that runs it, the leader's too", async () => {
  const { client, fleet, cluster } = stage();
  const { jobId } = await client.jobs.submit({
    name: "printer",
    spec: { command: { command: ["/bin/sh", "-c", program] } },
  });
  const owner = await until("an owner", async () => {
    const { job } = await client.jobs.get(jobId);
    return job.run?.phase === "running" ? job.owner : undefined;
  });
  await client.servers.lead(owner);
  const addresses = cluster.machines.map(({ grpcAddress }) => grpcAddress);
  const reader = new QuorateClient({ addresses, deadlineMs: readDeadlineMs });
  const following = new Following(reader);
  following.begin(jobId);
  await until("output of the first machine", () =>
    following.lines().length > 10 ? true : undefined,
  );
  await fleet.machine(owner).lose();
  await until("output of the next machine", () =>
    following.lines().filter(({ epoch }) => epoch === 2).length > 10 ? true : undefined,
  );
  await following.end();
  reader.close();
  expect(following.reasons.length).toBeGreaterThan(0);
  const lines = following.lines();
  const before = lines.filter(({ epoch }) => epoch === 1);
  const after = lines.filter(({ epoch }) => epoch === 2);
  expectUnbroken(before);
  expectUnbroken(after);
  expect(lines).toEqual([...before, ...after]);
  expect(new Set(before.map(({ server }) => server))).toEqual(new Set([owner]));
  expect(new Set(after.map(({ server }) => server)).size).toBe(1);
  expect(after[0]?.server).not.toBe(owner);
});

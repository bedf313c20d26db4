// The end of every run: all faults are over, and the cluster has to be whole again within a bound: a leader, a write, and
// the same rows on every member. There is no door for a digest of the state, so the rows themselves are compared, as
// each server reads them from its own copy, with the revisions and versions that the state machine gave them.
import { until } from "../../bench/lib/wait.ts";
import { QuorateError } from "../../src/base/errors.ts";
import { QuorateClient } from "../../src/client/quorate-client.ts";
import type { Member } from "./member.ts";

const recoverMs = 60_000;
const convergeMs = 60_000;

/** Server → its rows, one text each. */
export type Copies = ReadonlyMap<string, readonly string[]>;

const differencesShownMax = 5;

/** Where copies differ from the first: empty when all are equal. */
export function differences(copies: Copies): string[] {
  const [first, ...others] = [...copies];
  if (first === undefined) return ["there is no copy to compare"];
  const [id, rows] = first;
  const reference = new Set(rows);
  return others.flatMap(([other, theirs]) => {
    const own = new Set(theirs);
    const missing = rows
      .filter((row) => !own.has(row))
      .map((row) => `${other} lacks ${row} of ${id}`);
    const extra = theirs
      .filter((row) => !reference.has(row))
      .map((row) => `${other} has ${row}, not ${id}`);
    return [...missing, ...extra].slice(0, differencesShownMax);
  });
}

async function copyOf({ machine }: Member): Promise<readonly string[]> {
  const client = new QuorateClient({ addresses: [machine.grpcAddress], actor: "final check" });
  try {
    const rows: string[] = [];
    for await (const row of client.kv.listAll("", { stale: true })) {
      const { key, value, createdRevision, modifiedRevision, version } = row;
      rows.push(`${key}=${value.toString()} @${createdRevision}/${modifiedRevision} v${version}`);
    }
    return rows;
  } finally {
    client.close();
  }
}

/** Resolves with the time that it took until a write was acknowledged. */
export async function recovered(client: QuorateClient): Promise<number> {
  const startMs = performance.now();
  await until(
    "a leader and a write after the faults",
    async () => {
      try {
        await client.kv.put("chaos-end/write", "written");
        return true;
      } catch (error) {
        if (error instanceof QuorateError) return undefined;
        throw error;
      }
    },
    recoverMs,
  );
  return performance.now() - startMs;
}

/** A member that cannot be read now differs from the others in that. */
async function differencesNow(members: readonly Member[]): Promise<string[]> {
  const copies: [string, readonly string[]][] = [];
  for (const member of members) {
    try {
      copies.push([member.id, await copyOf(member)]);
    } catch (error) {
      if (!(error instanceof QuorateError)) throw error;
      return [`${member.id} was not read: ${error.message} (${error.code})`];
    }
  }
  return differences(new Map(copies));
}

/** Resolves with what still differs when the time is up: nothing, in a good run. */
export async function converged(members: readonly Member[]): Promise<string[]> {
  let last: string[] = ["no copy was read"];
  try {
    await until(
      "equal copies on all members",
      async () => {
        last = await differencesNow(members);
        return last.length === 0 ? true : undefined;
      },
      convergeMs,
    );
    return [];
  } catch (error) {
    return [...last, String(error)];
  }
}

// What becomes of a server whose data is damaged, gone, or older than what it has told the others.
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import type { QuorateServer } from "../../../src/server/server.ts";
import { openDataDirectory } from "../../../src/storage/data-directory.ts";
import { readIdentity, unheardBootsMax } from "../../../src/storage/files/identity.ts";
import { readQuarantine } from "../../../src/storage/files/quarantine.ts";
import { freePorts, isReady, Place, until } from "./support.ts";

let place: Place;
let ports: number[];
beforeEach(async () => {
  place = new Place();
  ports = await freePorts(3);
});
afterEach(() => place.end());

const by = { actor: "test", deadlineMs: 10_000 };
const names = ["s1", "s2", "s3"];
const dirOf = (name: string): string => join(place.directory, name);

async function start(name: string, members: readonly string[] = names): Promise<QuorateServer> {
  const listed = ports.slice(0, members.length);
  const argv = [
    ...["--id", name, "--peer-port", String(ports[names.indexOf(name)])],
    ...(members.length === 1
      ? []
      : ["--join", listed.map((port) => `127.0.0.1:${String(port)}`).join(",")]),
  ];
  const server = await place.make(name, argv);
  await server.start();
  return server;
}

async function cluster(): Promise<Map<string, QuorateServer>> {
  const servers = await Promise.all(names.map((name) => start(name)));
  for (const server of servers) await until("it is ready", () => isReady(server));
  return new Map(names.map((name, i) => [name, servers[i]!]));
}

const put = (server: QuorateServer, key: string): Promise<unknown> =>
  server.services!.kv.put({ key, value: Buffer.from(key), condition: { kind: "none" } }, by);
const has = async (server: QuorateServer, key: string): Promise<boolean> =>
  (await server.services!.kv.get(key, by)) !== undefined;

/** The role of `name` by the table of `server`. */
const roleOf = (server: QuorateServer, name: string): string =>
  server.services?.replica.state.server(name)?.role ?? "";
const peerOf = (server: QuorateServer, name: string): number =>
  server.services?.replica.state.server(name)?.peerId ?? 0;

function flipBit(path: string, at: (length: number) => number): void {
  const bytes = readFileSync(path);
  const position = at(bytes.length);
  bytes[position] = (bytes[position] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

function damageLog(name: string): void {
  const log = join(dirOf(name), "log");
  const wal = readdirSync(log)
    .filter((file) => /^\d+\.log$/.test(file))
    .sort()
    .at(-1)!;
  flipBit(join(log, wal), (length) => Math.floor(length / 2));
}

/** A voter again, under a new peer id, with what the others have. */
async function isBack(name: string, witness: QuorateServer, server: QuorateServer): Promise<void> {
  await until(`${name} votes again`, () => roleOf(witness, name) === "voter");
  expect(peerOf(witness, name)).toBeGreaterThan(3);
  await until("it has what was written", () => has(server, "before"));
}

describe("a server of three comes back as a voter under a new peer id", () => {
  const damages: readonly (readonly [string, string, () => void])[] = [
    ["a flipped bit in its log", "QUORATE_STORAGE_CORRUPT_LOG", () => damageLog("s2")],
    [
      "a damaged identity",
      "QUORATE_STORAGE_CORRUPT_IDENTITY",
      () => flipBit(join(dirOf("s2"), "identity"), (length) => Math.floor(length / 2)),
    ],
    [
      "a lost identity",
      "QUORATE_STORAGE_CORRUPT_IDENTITY",
      () => rmSync(join(dirOf("s2"), "identity")),
    ],
    [
      "a log that is gone",
      "QUORATE_STORAGE_CORRUPT_LOG",
      () => rmSync(join(dirOf("s2"), "log"), { recursive: true }),
    ],
  ];
  test.each(damages)("after %s", async (_what, code, damage) => {
    const servers = await cluster();
    await put(servers.get("s1")!, "before");
    await servers.get("s2")!.stop();
    damage();
    const returned = await start("s2");
    await isBack("s2", servers.get("s1")!, returned);
    const kept = JSON.parse(
      readFileSync(join(dirOf("s2"), "quarantined", "1", "reason"), "utf8"),
    ) as { value: { code: string } };
    expect(kept.value.code).toBe(code);
    expect(await readQuarantine(dirOf("s2"))).toBeUndefined();
    const events = servers.get("s1")!.services!.replica.state.events("server/s2");
    expect(
      events.some(({ kind, detail }) => kind === "ServerReadmitted" && detail.includes(code)),
    ).toBe(true);
  });

  test("after its directory was emptied", async () => {
    const servers = await cluster();
    await put(servers.get("s1")!, "before");
    await servers.get("s2")!.stop();
    rmSync(dirOf("s2"), { recursive: true });
    await isBack("s2", servers.get("s1")!, await start("s2"));
  });

  const unseen = [
    ["by the number of its start alone", 0],
    ["although it was started, reaching nobody, until its number was above", 4],
  ] as const;
  test.each(unseen)("after an old copy of its directory came back, found %s", async (_, starts) => {
    const servers = await cluster();
    await put(servers.get("s1")!, "before");
    await servers.get("s2")!.stop();
    cpSync(dirOf("s2"), `${dirOf("s2")}-copy`, { recursive: true });
    // Another start, in which nothing is written that its log could lack.
    const again = await start("s2");
    await until("it is ready", () => isReady(again));
    await again.stop();
    rmSync(dirOf("s2"), { recursive: true });
    renameSync(`${dirOf("s2")}-copy`, dirOf("s2"));
    expect(await readIdentity(dirOf("s2"))).toMatchObject({ bootCounter: 1, isBootHeard: true });
    for (let i = 0; i < starts; i += 1) {
      await (await openDataDirectory({ dir: dirOf("s2"), logger: silentLogger })).close();
    }
    const stale = await start("s2");
    await until("it is told", () => place.fatal.length > 0);
    await stale.stop();
    expect(place.fatal[0]).toMatchObject({ code: "QUORATE_TRANSPORT_STALE_DATA" });
    expect((await readQuarantine(dirOf("s2")))?.stage).toBe("decided");
    await isBack("s2", servers.get("s1")!, await start("s2"));
  });
});

test("a server that was started many times without reaching anybody is heard again, under its peer id", async () => {
  const servers = await cluster();
  await servers.get("s2")!.stop();
  for (let i = 0; i < 2 * unheardBootsMax; i += 1) {
    await (await openDataDirectory({ dir: dirOf("s2"), logger: silentLogger })).close();
  }
  const back = await start("s2");
  await put(servers.get("s1")!, "before");
  await until("it has what was written", () => has(back, "before"));
  expect(place.fatal).toEqual([]);
  expect(peerOf(back, "s2")).toBeLessThanOrEqual(3);
});

test("the leader's own damage costs an election and nothing else", async () => {
  const servers = await cluster();
  await put(servers.get("s1")!, "before");
  const leads = (name: string): boolean =>
    servers.get(name)!.services!.replica.status().role === "leader";
  const leader = names.find(leads)!;
  await servers.get(leader)!.stop();
  damageLog(leader);
  const witness = servers.get(names.find((name) => name !== leader)!)!;
  await isBack(leader, witness, await start(leader));
});

test("with two of three damaged nothing is admitted and nothing is thrown away until one comes back", async () => {
  const servers = await cluster();
  await put(servers.get("s1")!, "before");
  for (const name of ["s2", "s3"]) await servers.get(name)!.stop();
  damageLog("s2");
  const waiting = await place.make("s2", [
    ...["--id", "s2", "--peer-port", String(ports[1])],
    ...["--join", ports.map((port) => `127.0.0.1:${String(port)}`).join(",")],
  ]);
  const started = waiting.start();
  await until("it is in quarantine", () =>
    existsSync(join(dirOf("s2"), "quarantined", "1", "log")),
  );
  expect(waiting.services).toBeUndefined();
  expect(roleOf(servers.get("s1")!, "s2")).toBe("voter");
  const third = await start("s3");
  await started;
  await isBack("s2", servers.get("s1")!, waiting);
  expect(await has(third, "before")).toBe(true);
});

test("a cluster of one stays stopped, and nothing of its data is moved", async () => {
  const server = await start("s1", ["s1"]);
  await until("it is ready", () => isReady(server));
  await put(server, "before");
  await server.stop();
  damageLog("s1");
  await expect(start("s1", ["s1"])).rejects.toMatchObject({ code: "QUORATE_STORAGE_CORRUPT_LOG" });
  expect(readdirSync(dirOf("s1"))).not.toContain("quarantined");
  expect(readdirSync(dirOf("s1"))).not.toContain("quarantine");
});

test("an empty server under the id of one that runs is refused", async () => {
  await cluster();
  const [port] = await freePorts(1);
  const twin = await place.make("twin", [
    ...["--id", "s2", "--peer-port", String(port)],
    ...["--join", ports.map((each) => `127.0.0.1:${String(each)}`).join(",")],
  ]);
  await expect(twin.start()).rejects.toMatchObject({ code: "QUORATE_REGISTRY_NOT_ADMITTED" });
});

test("a server that was taken out while it lay in quarantine is not admitted anew", async () => {
  const servers = await cluster();
  await servers.get("s2")!.stop();
  damageLog("s2");
  await servers.get("s1")!.services!.members.remove({ serverId: "s2" }, by);
  await expect(start("s2")).rejects.toMatchObject({ code: "QUORATE_REGISTRY_NOT_ADMITTED" });
  expect(roleOf(servers.get("s1")!, "s2")).toBe("removed");
});

// What the others were told of a server's address must not outlive its return to the address of the table.
import { afterEach, beforeEach, test } from "vitest";
import { type Logger, silentLogger } from "../../../src/base/logger.ts";
import { peerId } from "../../../src/base/numbers.ts";
import type { QuorateServer } from "../../../src/server/server.ts";
import { freePorts, isReady, Place, until } from "./support.ts";

const names = ["s1", "s2", "s3"];
let place: Place;
let ports: number[];
/** The only one that runs: its log names it, but it leads nobody. */
let stays: QuorateServer;

const addressOf = (name: string): string => `127.0.0.1:${String(ports[names.indexOf(name)])}`;
const argvOf = (name: string): string[] => [
  ...["--id", name, "--peer-port", String(ports[names.indexOf(name)])],
  ...["--join", names.map(addressOf).join(",")],
];

beforeEach(async () => {
  place = new Place();
  ports = await freePorts(3);
  const servers = await Promise.all(names.map((name) => place.make(name, argvOf(name))));
  await Promise.all(servers.map((server) => server.start()));
  for (const server of servers) await until("it is ready", () => isReady(server));
  const [first, ...away] = servers;
  stays = first!;
  await Promise.all(away.map((server) => server.stop()));
});
afterEach(() => place.end());

async function comesBack(): Promise<void> {
  const back = await place.make("s2", argvOf("s2"));
  await back.start();
  await until("two of three have a leader", async () => {
    return (await isReady(back)) && (await isReady(stays));
  });
}

test("a server is found again that told an address which only it can reach", async () => {
  const refusals: unknown[] = [];
  const logger: Logger = {
    ...silentLogger,
    warn: ({ reason }) => refusals.push(reason),
    child: () => logger,
  };
  const argv = [...argvOf("s2"), "--advertise", "127.0.0.77"];
  const wrong = await place.make("s2", argv, logger);
  await wrong.start();
  await until("the address was looked at and refused", () =>
    refusals.some((reason) => String(reason).includes("does not answer at 127.0.0.77")),
  );
  await wrong.stop();
  await comesBack();
});

test("a server is found again that was at another address for a while", async () => {
  const [elsewhere] = await freePorts(1);
  stays.services!.addresses.told({
    peerId: peerId(2),
    recorded: addressOf("s2"),
    address: `127.0.0.1:${String(elsewhere)}`,
  });
  await comesBack();
});

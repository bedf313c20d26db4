// A real peer process: killed with SIGKILL it says no goodbye, and its survivors must see it all the same.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "vitest";
import { peerId } from "../../../src/base/numbers.ts";
import { GrpcTransport } from "../../../src/transport/grpc/grpc-transport.ts";
import { logger, RealClock, Recorder, until } from "./support.ts";

const children: ChildProcess[] = [];
const transports: GrpcTransport[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await Promise.all(transports.splice(0).map((transport) => transport.stop()));
});

async function spawnPeer(listen: string): Promise<{ child: ChildProcess; address: string }> {
  const program = new URL("./peer-process.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--import", "tsx", program, listen], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const address = await new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).once("line", resolve);
  });
  return { child, address };
}

test("a killed process is reported once, and its successor on the same port is connected", async () => {
  const seen = new Recorder();
  const transport = new GrpcTransport(
    { listen: "127.0.0.1:0" },
    { clock: new RealClock(), logger },
  );
  transports.push(transport);
  await transport.start(seen);
  transport.identify({ clusterId: "c", generation: 1, peerId: peerId(1) });
  const { child, address } = await spawnPeer("127.0.0.1:0");
  transport.setPeers([{ peerId: peerId(2), address }]);
  await until(() => seen.count("up 2") === 1);
  const call = transport.call(peerId(2), "never", Uint8Array.of(), 60_000);
  const outcome = expect(call).rejects.toMatchObject({ kind: "unknown" });
  await new Promise(setImmediate);
  child.kill("SIGKILL");
  await until(() => seen.count("down 2") === 1);
  await outcome;
  await spawnPeer(address);
  await until(() => seen.count("up 2") === 2);
  expect(seen.events).toEqual(["up 2", "down 2", "up 2"]);
});

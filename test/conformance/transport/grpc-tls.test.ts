// Mutual TLS with certificates made by openssl; skipped where it is missing.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { peerId } from "../../../src/base/numbers.ts";
import type { TransportTls } from "../../../src/transport/grpc/channel.ts";
import { GrpcTransport } from "../../../src/transport/grpc/grpc-transport.ts";
import { heartbeat, logger, RealClock, Recorder, type Server, until } from "./support.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
const title = hasOpenssl ? "gRPC transport with TLS" : "gRPC transport with TLS (needs openssl)";

describe.skipIf(!hasOpenssl)(title, () => {
  const folder = mkdtempSync(join(tmpdir(), "quorate-tls-"));
  const servers: Server[] = [];
  afterEach(() => Promise.all(servers.splice(0).map(({ transport }) => transport.stop())));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  function openssl(...args: string[]): void {
    execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  }

  /** A new authority and one certificate for 127.0.0.1 signed by it. */
  function makeTls(name: string): TransportTls {
    const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const file = (suffix: string): string => `${name}-${suffix}`;
    const authority = ["-keyout", file("ca.key"), "-out", file("ca.pem"), "-subj", `/CN=${name}`];
    openssl("req", "-x509", ...newKey, ...authority);
    openssl("req", ...newKey, "-keyout", file("key"), "-out", file("csr"), "-subj", "/CN=server");
    writeFileSync(join(folder, file("ext")), "subjectAltName=IP:127.0.0.1\n");
    const signer = ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial"];
    const output = ["-extfile", file("ext"), "-out", file("pem")];
    openssl("x509", "-req", "-in", file("csr"), ...signer, ...output);
    const read = (suffix: string): Uint8Array => readFileSync(join(folder, file(suffix)));
    return { authority: read("ca.pem"), certificate: read("pem"), key: read("key") };
  }

  async function open(id: number, tls?: TransportTls): Promise<Server> {
    const options = { listen: "127.0.0.1:0", ...(tls === undefined ? {} : { tls }) };
    const transport = new GrpcTransport(options, { clock: new RealClock(), logger });
    const server = { transport, seen: new Recorder() };
    servers.push(server);
    await transport.start(server.seen);
    transport.identify({ clusterId: "c", generation: 1, peerId: peerId(id) });
    return server;
  }

  test("peers of one authority connect; others, and peers without TLS, do not", async () => {
    const tls = makeTls("ours");
    const door = await open(2, tls);
    const { address } = door.transport;
    const friend = await open(1, tls);
    friend.transport.setPeers([{ peerId: peerId(2), address }]);
    await until(() => friend.seen.count("up 2") === 1);
    friend.transport.send("control", [heartbeat(1, 2, 1)]);
    await until(() => door.seen.messages.length === 1);
    for (const stranger of [await open(3, makeTls("theirs")), await open(4)]) {
      stranger.transport.setPeers([{ peerId: peerId(2), address }]);
      await until(() => stranger.seen.events.length > 0);
      expect(stranger.seen.events).toEqual(["down 2"]);
      const asking = stranger.transport.hello(address, Uint8Array.of(1), 5000);
      await expect(asking).rejects.toMatchObject({ code: "QUORATE_TRANSPORT_UNREACHABLE" });
    }
  });
});

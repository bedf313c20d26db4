import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import type { SentinelToServer, ServerToSentinel } from "../../../src/runner/sentinel/protocol.ts";
import { monotonicClock } from "../../../src/runner/sentinel/system.ts";
import { type Duplex, processDuplex, SentinelLink } from "../../../src/runner/sentinel-link.ts";

const settings = {
  kind: "settings",
  dataDirectory: "",
  serverId: "s1",
  incarnation: "i",
  leaseMs: 3000,
  killBoundMs: 100,
  agentGraceMs: 1000,
  capacity: 1,
  servers: [],
} as const;

class Pipe implements Duplex {
  readonly sent: ServerToSentinel[] = [];
  message: (message: SentinelToServer) => void = () => undefined;
  disconnect: () => void = () => undefined;
  send(message: ServerToSentinel): void {
    this.sent.push(message);
  }
  onMessage(listener: (message: SentinelToServer) => void): void {
    this.message = listener;
  }
  onDisconnect(listener: () => void): void {
    this.disconnect = listener;
  }
}

let pipe: Pipe;
let told: string[];
let link: SentinelLink;
let died: Promise<void>;
let dataDirectory: string;

beforeEach(() => {
  pipe = new Pipe();
  told = [];
  dataDirectory = mkdtempSync(join(tmpdir(), "quorate-link-"));
  died = new Promise((resolve) => {
    link = new SentinelLink(
      { dataDirectory },
      {
        ...{ duplex: pipe, clock: monotonicClock, logger: silentLogger },
        onShutDown: () => told.push("shut-down"),
        onSentinelDeath: () => {
          told.push("death");
          resolve();
        },
      },
    );
  });
});
afterEach(() => rmSync(dataDirectory, { recursive: true }));

test("listeners hear everything but shut-down, which has its own door", () => {
  const heard: string[] = [];
  const stop = link.listen((message) => heard.push(message.kind));
  link.start(settings);
  pipe.message({ kind: "fenced", session: 1 });
  pipe.message({ kind: "shut-down" });
  stop();
  pipe.message({ kind: "fenced", session: 2 });
  expect(heard).toEqual(["fenced"]);
  expect(told).toEqual(["shut-down"]);
  expect(pipe.sent).toEqual([settings]);
});

test("a broken pipe ends in the callback, after the journal was worked through", async () => {
  link.start(settings);
  pipe.disconnect();
  await died;
  expect(told).toEqual(["death"]);
});

test("without an IPC channel there is no pipe; a broken one is told at once and swallows messages", () => {
  const on = (): void => undefined;
  expect(processDuplex({ connected: false, on })).toBeUndefined();
  let sent = 0;
  const duplex = processDuplex({ connected: false, on, send: () => (sent += 1) > 0 });
  let told = 0;
  duplex?.onDisconnect(() => (told += 1));
  duplex?.send({ kind: "leader-changed" });
  expect([told, sent]).toEqual([1, 0]);
});

test("a message that fails because the pipe breaks is nobody's error: the break itself is told", () => {
  const failures: unknown[] = [];
  const duplex = processDuplex({
    connected: true,
    on: () => undefined,
    send: (_message, sent) => {
      // As node does: without a listener the failure would be an uncaught exception.
      if (typeof sent === "function") sent(new Error("EPIPE"));
      else failures.push("uncaught");
      return false;
    },
  });
  duplex?.send({ kind: "alive" });
  expect(failures).toEqual([]);
});

// A program that embeds a server, loses the senders of some uploads, and stops: it has nothing left to do then.
import { connect } from "node:net";
import { startServer } from "../../../src/index.ts";

const uploads = 20;

async function readyAt(url: string): Promise<void> {
  for (;;) {
    const answer = await fetch(url, { headers: { connection: "close" } });
    await answer.text();
    if (answer.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function brokenOff(host: string, port: number, name: string): Promise<void> {
  const socket = connect(port, host);
  await new Promise((resolve) => socket.once("connect", resolve));
  const head = `PUT /v1/resources/default/${name} HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n`;
  await new Promise((resolve) => socket.write(`${head}xxx`, resolve));
  // Long enough for the upload to begin; an upload that has not is no worse.
  await new Promise((resolve) => setTimeout(resolve, 20));
  socket.destroy();
}

const server = await startServer({ data: process.argv[2] ?? "" });
await readyAt(`http://${server.httpAddress}/readyz`);
const [host = "", port = ""] = server.httpAddress.split(":");
for (let i = 0; i < uploads; i += 1) await brokenOff(host, Number(port), `x${String(i)}`);
await new Promise((resolve) => setTimeout(resolve, 500));
await server.stop();
const timers = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
process.stdout.write(`stopped ${String(timers)}\n`);

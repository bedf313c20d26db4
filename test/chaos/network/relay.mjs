// A slow wire in user space: takes connections on one port, passes the bytes on to another, each piece after a drawn
// time, never out of order. Plain JavaScript, because it is started in the middle of a fault and has to be there at
// once. It ends when its standard input does: with whoever started it.
//
//   node relay.mjs '{"host":"198.18.0.1","ports":[[17472,7472]],"delayMs":100,"jitterMs":30}'
import { connect, createServer } from "node:net";

const { host, ports, delayMs, jitterMs } = JSON.parse(process.argv[2]);
const queuedBytesMax = 4 * 1024 * 1024;

/** Passes `from` on to `to`, late. */
function pass(from, to) {
  let lastMs = 0;
  let queuedBytes = 0;
  const later = (work) => {
    const nowMs = performance.now();
    lastMs = Math.max(lastMs, nowMs + delayMs + (2 * Math.random() - 1) * jitterMs);
    setTimeout(work, lastMs - nowMs);
  };
  from.on("data", (piece) => {
    queuedBytes += piece.length;
    if (queuedBytes > queuedBytesMax) from.pause();
    later(() => {
      queuedBytes -= piece.length;
      if (queuedBytes <= queuedBytesMax) from.resume();
      if (!to.destroyed) to.write(piece);
    });
  });
  from.on("end", () => later(() => to.end()));
  from.on("error", () => to.destroy());
  from.on("close", () => later(() => to.destroy()));
}

const servers = ports.map(([listen, door]) =>
  createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ host, port: door, allowHalfOpen: true, noDelay: true });
    pass(near, far);
    pass(far, near);
  }).listen(listen, "0.0.0.0"),
);
await Promise.all(servers.map((server) => new Promise((done) => server.once("listening", done))));
process.stdout.write("ready\n");
process.stdin.on("end", () => process.exit(0)).resume();

// A job that says every 10 ms that it runs. Open loop: ticks are due at fixed times and carry the time at which
// they were really taken, so that a stall shows as a gap. One connection per run; what the kernel has taken
// before a SIGKILL still arrives.
import { connect } from "node:net";

const tickMs = 10;
const [host, port] = (process.env.TICK_ADDRESS ?? "127.0.0.1:0").split(":");
const { QUORATE_JOB_ID: job, QUORATE_JOB_EPOCH: epoch, QUORATE_SERVER_ID: server } = process.env;
const socket = connect(Number(port), host);
socket.on("error", () => process.exit(1));
socket.setNoDelay(true);

console.log(`ticking on ${server} under epoch ${epoch}`);
let due = performance.now();
const tick = () => {
  const now = process.hrtime.bigint();
  socket.write(`${job} ${epoch} ${server} ${process.pid} ${now}\n`);
  due += tickMs;
  setTimeout(tick, Math.max(0, due - performance.now()));
};
tick();

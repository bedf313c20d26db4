// A refusal is often sent while the body is still arriving. Were the connection closed then, the bytes that nobody has
// read would make the kernel answer with a reset, and a sender that writes before it reads would see a broken pipe instead
// of the reason (RFC 9112 §9.6). So the rest of the body is read and dropped, and the connection stays open.
import type { FastifyReply } from "fastify";

/** How long the rest of a refused body is read: as long as a transfer may take. */
const unreadBodyMs = 600_000;

/** To be called before the refusal is sent. */
export function dropUnreadBody(reply: FastifyReply): void {
  const { raw } = reply.request;
  // A sender that broke off has had its `close`: nothing would ever clear the timer.
  if (raw.complete || raw.destroyed) return;
  // fastify asks for the end of the connection when it has not read a body.
  reply.removeHeader("connection");
  const late = setTimeout(() => raw.destroy(), unreadBodyMs);
  raw.once("close", () => {
    clearTimeout(late);
  });
  raw.resume();
}

// What is refused before there is a request: bytes that are no HTTP, headers without an end. Nobody but the socket can
// answer these, so the answer is written by hand, as the same problem document as everywhere else.
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { QuorateError } from "../../base/errors.ts";
import { apiErrors } from "../errors.ts";
import { problemOf, problemType } from "./problem.ts";

type ParseError = Error & { readonly code?: string };

function codedParse(cause: ParseError): QuorateError {
  if (cause.code === "HPE_HEADER_OVERFLOW") {
    return apiErrors.HEADERS_TOO_LARGE("the headers are longer than this server reads", { cause });
  }
  if (cause.code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return apiErrors.REQUEST_TOO_SLOW("the request did not arrive in time", { cause });
  }
  return apiErrors.BAD_HTTP(`what arrived is not an HTTP request (${cause.message})`, { cause });
}

/** Answers and closes the connection: where the next request would begin is not known. */
export function refuseBroken(cause: ParseError, socket: Socket): void {
  if (cause.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, text } = problemOf(codedParse(cause));
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ""}`,
    `content-type: ${problemType}`,
    `content-length: ${String(Buffer.byteLength(text))}`,
    "connection: close",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${text}`);
  socket.destroySoon();
}

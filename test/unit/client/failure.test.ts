import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { failureOf, outcomeUnknown } from "../../../src/client/failure.ts";
import { refusal } from "./fake-server.ts";

function serviceError(code: status, trailer?: string): ServiceError {
  const metadata = new Metadata();
  if (trailer !== undefined) metadata.set("quorate-error-bin", Buffer.from(trailer));
  return Object.assign(new Error("text"), { code, details: "text", metadata });
}

describe("failureOf", () => {
  test("a trailer is the server's word, whatever the status", () => {
    const record = refusal("conflict").toRecord();
    const failure = failureOf(serviceError(status.UNAVAILABLE, JSON.stringify(record)), "a:1");
    expect(failure.kind).toBe("refused");
    expect(failure.error.toRecord()).toEqual(record);
  });

  test("a trailer that cannot be read is an answer that cannot be understood", () => {
    const failure = failureOf(serviceError(status.ABORTED, "{"), "a:1");
    expect(failure.error.code).toBe("QUORATE_CLIENT_BAD_ANSWER");
  });

  test("a trailer that is no record is none", () => {
    expect(failureOf(serviceError(status.UNAVAILABLE, '{"code":1}'), "a:1").kind).toBe("broken");
    expect(failureOf(serviceError(status.UNIMPLEMENTED, "null"), "a:1").kind).toBe("strange");
  });

  test("anything else that was thrown", () => {
    expect(failureOf(refusal("invalid"), "a:1").kind).toBe("refused");
    expect(failureOf("text", "a:1")).toMatchObject({
      kind: "strange",
      error: { code: "QUORATE_CLIENT_BAD_ANSWER" },
    });
  });

  test("a message above gRPC's bounds is named for what it is", () => {
    expect(failureOf(serviceError(status.RESOURCE_EXHAUSTED), "a:1")).toMatchObject({
      kind: "strange",
      error: { code: "QUORATE_CLIENT_TOO_LARGE", kind: "invalid" },
    });
    const record = refusal("exhausted").toRecord();
    const coded = failureOf(serviceError(status.RESOURCE_EXHAUSTED, JSON.stringify(record)), "a:1");
    expect(coded.error.code).toBe(record.code);
  });

  test("doubt keeps a server's own words", () => {
    const own = { kind: "refused", error: refusal("unknown", "QUORATE_OWN") } as const;
    expect(outcomeUnknown(own).code).toBe("QUORATE_OWN");
    expect(outcomeUnknown(failureOf(serviceError(status.CANCELLED), "a:1")).kind).toBe("unknown");
  });
});

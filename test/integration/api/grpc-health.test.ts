import { Client, credentials } from "@grpc/grpc-js";
import { service } from "grpc-health-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Single } from "./single.ts";

const { Check } = service as unknown as {
  Check: {
    path: string;
    requestSerialize: (value: object) => Buffer;
    responseDeserialize: (bytes: Buffer) => { status: string };
  };
};

let server: Single;
let client: Client;
beforeEach(async () => {
  server = await new Single().open();
  client = new Client(server.grpc.address, credentials.createInsecure());
});
afterEach(async () => {
  client.close();
  await server.close();
});

function health(name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      Check.path,
      Check.requestSerialize,
      Check.responseDeserialize,
      { service: name },
      (error, answer) => {
        if (error === null) resolve(answer?.status ?? "");
        else reject(error);
      },
    );
  });
}

async function until(status: string): Promise<void> {
  for (let turn = 0; turn < 1000; turn += 1) {
    if ((await health("")) === status) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never ${status}`);
}

test("a server serves once it is ready, and not before it is a member", async () => {
  expect(await health("")).toBe("NOT_SERVING");
  expect(await health("quorate.job.v1.JobService")).toBe("NOT_SERVING");
  await server.admit();
  await until("SERVING");
  expect(await health("quorate.job.v1.JobService")).toBe("SERVING");
  server.services = undefined;
  await until("NOT_SERVING");
});

import { expect, test } from "vitest";
import { WriteGate } from "../../../src/storage/write-gate.ts";
import { codeOf } from "../../conformance/storage/harness.ts";

test("work runs in the order of the calls, one after the other", async () => {
  const gate = new WriteGate({ store: "test" });
  const seen: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    seen.push(`${name} begins`);
    await Promise.resolve();
    seen.push(`${name} ends`);
  };
  await Promise.all([gate.exclusive(work("a")), gate.exclusive(work("b"))]);
  expect(seen).toEqual(["a begins", "a ends", "b begins", "b ends"]);
});

test("the first failed write is final, and later calls name its cause", async () => {
  const gate = new WriteGate({ store: "test" });
  const fail = (): Promise<void> => Promise.reject(new Error("no space"));
  const first = gate.exclusive(() => gate.io(fail));
  const second = gate.exclusive(() => Promise.resolve());
  await expect(first).rejects.toMatchObject({
    code: "QUORATE_STORAGE_WRITE_FAILED",
    message: /no space/,
  });
  await expect(second).rejects.toMatchObject({ message: /no space/ });
  expect(
    await codeOf(() => {
      gate.check();
    }),
  ).toBe("QUORATE_STORAGE_WRITE_FAILED");
});

test("a refusal that is no failed write is not final", async () => {
  const gate = new WriteGate({ store: "test" });
  await expect(gate.exclusive(() => Promise.reject(new Error("refused")))).rejects.toThrow(
    "refused",
  );
  await gate.exclusive(() => Promise.resolve());
});

test("close waits for accepted work and refuses new work", async () => {
  const gate = new WriteGate({ store: "test" });
  const accepted = gate.exclusive(() => Promise.resolve("done"));
  expect([await gate.close(), await gate.close(), await accepted]).toEqual([true, false, "done"]);
  expect(await codeOf(() => gate.exclusive(() => Promise.resolve()))).toBe(
    "QUORATE_STORAGE_CLOSED",
  );
});

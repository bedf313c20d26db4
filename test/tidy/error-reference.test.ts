import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ErrorSpec } from "../../src/base/errors.ts";
import { collectErrors, errorReferencePath, renderErrors } from "./error-reference.ts";

const spec: ErrorSpec = { kind: "conflict", help: "Read | again." };

describe("error reference", () => {
  test("docs/reference/errors.md is what `npm run docs:errors` writes", async () => {
    expect(readFileSync(errorReferencePath, "utf8")).toBe(renderErrors(await collectErrors()));
  });

  test("each error's help is a sentence, and its code names a room", async () => {
    for (const [code, { help }] of await collectErrors()) {
      expect(code).toMatch(/^QUORATE(_[A-Z0-9]+){2,}$/);
      expect(help, code).toMatch(/^[A-Z`"'/][^]*[.!?)]$/);
    }
  });

  test("an error that is not on the page changes it", async () => {
    const errors = await collectErrors();
    const before = renderErrors(errors);
    errors.set("QUORATE_PLANTED_ERROR", spec);
    const after = renderErrors(errors);
    expect(after).not.toBe(before);
    expect(after).toContain("## planted");
    expect(after).toContain("| `QUORATE_PLANTED_ERROR` | `conflict` | Read \\| again. |");
  });
});

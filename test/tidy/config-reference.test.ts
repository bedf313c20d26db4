import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type OptionSpec, serverOptions } from "../../src/server/config/options.ts";
import { configReferencePath, renderConfig } from "./config-reference.ts";

describe("configuration reference", () => {
  test("docs/reference/config.md is what `npm run docs:config` writes", () => {
    expect(readFileSync(configReferencePath, "utf8")).toBe(renderConfig(serverOptions));
  });

  test("each option says what it does and what goes wrong, in sentences", () => {
    for (const { name, text, risk } of serverOptions) {
      expect(text, name).toMatch(/^[A-Z][^]*\.$/);
      expect(risk, name).toMatch(/^[A-Za-z][^]*\.$/);
    }
  });

  test("an option that is not on the page changes it", () => {
    const planted: OptionSpec = {
      name: "planted",
      kind: "number",
      unit: "ms",
      fallback: "1000",
      min: 0,
      max: 60_000,
      text: "Planted.",
      risk: "None.",
    };
    const page = renderConfig([...serverOptions, planted]);
    expect(page).not.toBe(renderConfig(serverOptions));
    expect(page).toContain("| [`--planted`](#--planted) | `QUORATE_PLANTED` | `1000` |");
    expect(page).toContain("- Value: ms, 0 to 60,000");
  });
});

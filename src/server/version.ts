import { readFileSync } from "node:fs";

function packageVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  const parsed = JSON.parse(readFileSync(file, "utf8")) as { readonly version: string };
  return parsed.version;
}

/** Version of this program, from its package.json. */
export const version: string = packageVersion();

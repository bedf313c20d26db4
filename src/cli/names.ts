// How people write what the protocol says in fields: `ns/name@version`, `NAME=VALUE`.
import { cliErrors } from "./errors.ts";

export interface ResourceName {
  readonly namespace: string;
  readonly name: string;
}

/** `name` or `namespace/name`. */
export function resourceName(text: string): ResourceName {
  const slash = text.indexOf("/");
  return slash < 0
    ? { namespace: "default", name: text }
    : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

/** `name`, `name@7`, `namespace/name@latest`, `name@sha256:…`; without a version: the latest. */
export function resourceRef(text: string): ResourceName & { readonly version: string } {
  const at = text.lastIndexOf("@");
  return at < 0
    ? { ...resourceName(text), version: "latest" }
    : { ...resourceName(text.slice(0, at)), version: text.slice(at + 1) };
}

/** `A=1`, `B=x=y` → { A: "1", B: "x=y" }. */
export function pairs(flag: string, items: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    items.map((item): [string, string] => {
      const at = item.indexOf("=");
      if (at < 1) throw cliErrors.USAGE(`${flag} is "${item}"; it must be NAME=VALUE`);
      return [item.slice(0, at), item.slice(at + 1)];
    }),
  );
}

/** A word as a shell takes it whole. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** For options that may be given more than once. */
export const collect = (item: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  item,
];

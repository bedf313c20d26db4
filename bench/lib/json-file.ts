// A result that cannot be written is found out before the run, not after it.
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Why a file of this name could not be written; undefined = it can. */
export function whyUnwritable(file: string): string | undefined {
  const path = resolve(file);
  const folder = dirname(path);
  if (!existsSync(folder)) return `the folder ${folder} does not exist`;
  if (existsSync(path) && statSync(path).isDirectory()) return `${path} is a folder`;
  try {
    accessSync(existsSync(path) ? path : folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return `${path} may not be written (${(error as NodeJS.ErrnoException).code ?? "no code"})`;
  }
}

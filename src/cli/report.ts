import { messageOf, QuorateError } from "../base/errors.ts";
import { cliErrors } from "./errors.ts";
import { type Colours, type OutStream, shown, write } from "./terminal.ts";

export interface ReportOptions {
  readonly stderr: OutStream;
  readonly isJson: boolean;
  readonly colours: Colours;
}

/** Prints an error: two lines for a person, one object for a script. */
export async function reportError(
  thrown: unknown,
  { stderr, isJson, colours }: ReportOptions,
): Promise<void> {
  const error =
    thrown instanceof QuorateError
      ? thrown
      : cliErrors.DEFECT(`unexpected: ${messageOf(thrown)}`, { cause: thrown });
  const record = error.toRecord();
  if (isJson) {
    await write(stderr, `${JSON.stringify({ error: record })}\n`);
    return;
  }
  const { red, dim } = colours;
  await write(
    stderr,
    `${red("error:")} ${shown(record.message)} ${dim(`(${record.code})`)}\n${dim("help:")} ${shown(record.help)}\n`,
  );
}

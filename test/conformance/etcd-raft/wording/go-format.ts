// A few formats of Go's fmt package.

/** `%x` of an identity. */
export function hex(value: number): string {
  return value.toString(16);
}

/** `%v` of a slice of numbers. */
export function slice(values: readonly number[]): string {
  return `[${values.join(" ")}]`;
}

const escapes: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

function padded(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function quotedCharacter(character: string): string {
  const escape = escapes[character];
  if (escape !== undefined) return escape;
  // Printable as Go has it: letters, marks, numbers, punctuation, symbols and the ASCII space.
  if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${padded(code, 2)}`;
  return code > 0xffff ? `\\U${padded(code, 8)}` : `\\u${padded(code, 4)}`;
}

/** `%q` of bytes: text in double quotes, bytes that are no UTF-8 as `\xNN`. */
export function quoted(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes);
  let text = "";
  for (let at = 0; at < buffer.length; ) {
    const length = characterLength(buffer, at);
    if (length === 0) {
      text += `\\x${padded(buffer[at] ?? 0, 2)}`;
      at += 1;
      continue;
    }
    text += quotedCharacter(buffer.toString("utf8", at, at + length));
    at += length;
  }
  return `"${text}"`;
}

/** Bytes of the UTF-8 character at `at`; 0 when there is none. */
function characterLength(buffer: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= buffer.length; length += 1) {
    const part = buffer.subarray(at, at + length);
    if (Buffer.from(part.toString("utf8")).equals(part)) return length;
  }
  return 0;
}

// Answers as JSON documents: bytes as base64.

/** A value that JSON can hold. Buffers have a JSON form of their own that nobody wants, hence not a replacer. */
function plainValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, plainValue(field)]),
  );
}

export function documentText(value: unknown): string {
  return `${JSON.stringify(plainValue(value), undefined, 2)}\n`;
}

/** The text that bytes are in UTF-8; undefined when they are none. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

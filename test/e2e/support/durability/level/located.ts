// A value and where its bytes lie in its file.

export interface Located {
  readonly key: Buffer;
  readonly value: Buffer;
  /** LevelDB's number of the write: of two values of one key the one with the higher number counts. */
  readonly sequence: number;
  /** File offset of one byte of the value. */
  readonly at: (byte: number) => number;
}

export interface Cursor {
  at: number;
}

/** LevelDB's varint32 (doc/… coding.cc): seven bits a byte, the lowest first. */
export function readVarint(bytes: Buffer, cursor: Cursor): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[cursor.at];
    if (byte === undefined) throw new Error("a varint beyond the end");
    cursor.at += 1;
    value += (byte % 128) * scale;
    if (byte < 128) return value;
  }
}

/** File offset of the nth byte of what lies in these pieces. */
export function spread(
  pieces: readonly { readonly from: number; readonly to: number }[],
): (byte: number) => number {
  return (byte) => {
    let left = byte;
    for (const { from, to } of pieces) {
      if (left < to - from) return from + left;
      left -= to - from;
    }
    throw new Error(`there is no byte ${byte}`);
  };
}

// Reader and writer for our own binary formats (commands, snapshots, log entries, peer messages). Numbers
// are LEB128 varints of safe integers, strings and byte arrays carry a length. A reader never trusts a
// length: every read is checked against what is left, so that a damaged or hostile input ends in a
// `DecodeError`, not in a huge allocation.
import { assert } from "./assert.ts";
import { DecodeError } from "./decode-error.ts";
import { utf8Decode, utf8Length, utf8Write } from "./utf8.ts";

export { DecodeError };

const initialBytes = 256;
const twoTo32 = 0x1_0000_0000;

export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacityBytes: number = initialBytes) {
    this.#bytes = new Uint8Array(capacityBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    assert((value & 0xff) === value, "u8 takes 0 to 255");
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
    return this;
  }

  bool(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  /** Four bytes, big-endian. */
  u32(value: number): this {
    assert(value >>> 0 === value, "u32 takes unsigned 32-bit integers");
    this.#reserve(4);
    this.#view.setUint32(this.#length, value);
    this.#length += 4;
    return this;
  }

  /** Eight bytes, big-endian, of a safe integer ≥ 0: order of bytes = order of numbers. */
  u64(value: number): this {
    assert(Number.isSafeInteger(value) && value >= 0, "u64 takes safe integers ≥ 0");
    return this.u32(Math.floor(value / twoTo32)).u32(value % twoTo32);
  }

  /** LEB128 of a safe integer ≥ 0; 1 to 8 bytes. */
  varint(value: number): this {
    assert(Number.isSafeInteger(value) && value >= 0, "varint takes safe integers ≥ 0");
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    return this.u8(rest);
  }

  /** Bytes without a length. */
  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Length and bytes. */
  bytes(bytes: Uint8Array): this {
    return this.varint(bytes.length).raw(bytes);
  }

  /** Length and UTF-8. */
  string(text: string): this {
    const length = utf8Length(text);
    this.varint(length);
    this.#reserve(length);
    utf8Write(text, this.#bytes, this.#length);
    this.#length += length;
    return this;
  }

  /** Count and items. */
  list<T>(items: readonly T[], write: (item: T) => void): this {
    this.varint(items.length);
    for (const item of items) write(item);
    return this;
  }

  /** What was written; the writer may not be used afterwards. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    this.#need(1);
    const value = this.#bytes[this.#at] ?? 0;
    this.#at += 1;
    return value;
  }

  bool(): boolean {
    const value = this.u8();
    if (value > 1) throw new DecodeError(`a boolean is 0 or 1, got ${String(value)}`);
    return value === 1;
  }

  u32(): number {
    this.#need(4);
    const value = this.#view.getUint32(this.#at);
    this.#at += 4;
    return value;
  }

  u64(): number {
    const value = this.u32() * twoTo32 + this.u32();
    if (!Number.isSafeInteger(value)) throw new DecodeError("number above 2^53");
    return value;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i += 1) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) throw new DecodeError("number above 2^53");
        if (byte === 0 && i > 0) throw new DecodeError("number not in its shortest form");
        return value;
      }
      scale *= 0x80;
    }
    throw new DecodeError("number longer than 8 bytes");
  }

  /** A view of the next `count` bytes: it shares memory with the input. */
  raw(count: number): Uint8Array {
    this.#need(count);
    const part = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return part;
  }

  /** A view of the next length-prefixed bytes: it shares memory with the input. */
  bytes(): Uint8Array {
    return this.raw(this.varint());
  }

  string(): string {
    return utf8Decode(this.bytes());
  }

  /** Every item takes at least one byte, so a count above what is left is refused at once. */
  list<T>(read: () => T): T[] {
    const count = this.varint();
    if (count > this.left) throw new DecodeError("list longer than its input");
    const items: T[] = [];
    for (let i = 0; i < count; i += 1) items.push(read());
    return items;
  }

  /** Asserts that nothing is left. */
  end(): void {
    if (this.left > 0) throw new DecodeError(`${String(this.left)} bytes too many`);
  }

  #need(count: number): void {
    if (count > this.left) throw new DecodeError("input ends too early");
  }
}

/** Byte-wise order, as LevelDB sorts keys: negative, 0 or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Order of UTF-16 code units: the same on every machine, unlike localeCompare. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += (byte < 16 ? "0" : "") + byte.toString(16);
  return text;
}

/** The bytes of an even number of hexadecimal digits; throws DecodeError on anything else. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text))
    throw new DecodeError("not lower-case hexadecimal");
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i += 1)
    bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

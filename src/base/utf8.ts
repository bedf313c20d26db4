// UTF-8 without Node or DOM types, so that the pure rooms can use it. Lone surrogates become U+FFFD, as
// TextEncoder does; decoding is strict, because the bytes come from our own encoder or from an attacker.
import { DecodeError } from "./decode-error.ts";

function byteLengthOf(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

function scalar(codePoint: number): number {
  return codePoint >= 0xd800 && codePoint <= 0xdfff ? 0xfffd : codePoint;
}

/** Bytes that `text` takes in UTF-8. */
export function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) length += byteLengthOf(scalar(character.codePointAt(0) ?? 0));
  return length;
}

/** Writes `text` at `offset`; returns the offset after it. The target must have room (`utf8Length`). */
export function utf8Write(text: string, target: Uint8Array, offset: number): number {
  let at = offset;
  for (const character of text) {
    const code = scalar(character.codePointAt(0) ?? 0);
    const bytes = byteLengthOf(code);
    if (bytes === 1) {
      target[at] = code;
    } else {
      const lead = [0, 0, 0xc0, 0xe0, 0xf0][bytes] ?? 0;
      target[at] = lead | (code >> (6 * (bytes - 1)));
      for (let i = 1; i < bytes; i += 1)
        target[at + i] = 0x80 | ((code >> (6 * (bytes - 1 - i))) & 0x3f);
    }
    at += bytes;
  }
  return at;
}

/** `text` as UTF-8. */
export function utf8Encode(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  utf8Write(text, bytes, 0);
  return bytes;
}

function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  throw new DecodeError("not UTF-8: bad lead byte");
}

const smallestOfLength = [0, 0, 0x80, 0x800, 0x10000];

/** The text of well-formed UTF-8; throws DecodeError on anything else. */
export function utf8Decode(bytes: Uint8Array): string {
  const parts: string[] = [];
  let codePoints: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] ?? 0;
    const length = sequenceLength(lead);
    let code = length === 1 ? lead : lead & (0x7f >> length);
    for (let i = 1; i < length; i += 1) {
      const next = bytes[at + i] ?? 0;
      if ((next & 0xc0) !== 0x80) throw new DecodeError("not UTF-8: bad continuation byte");
      code = (code << 6) | (next & 0x3f);
    }
    const overlong = code < (smallestOfLength[length] ?? 0);
    if (overlong || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      throw new DecodeError("not UTF-8: overlong, surrogate or out of range");
    }
    codePoints.push(code);
    if (codePoints.length === 4096) {
      parts.push(String.fromCodePoint(...codePoints));
      codePoints = [];
    }
    at += length;
  }
  parts.push(String.fromCodePoint(...codePoints));
  return parts.join("");
}

// Rules for the texts that users choose. Names become parts of paths and URLs, hence the narrow alphabet.
import { utf8Length } from "../base/utf8.ts";
import { stateErrors } from "./errors.ts";
import { kvKeyBytesMax, nameCharsMax } from "./limits.ts";

const namePattern = /^[a-z0-9_][a-z0-9._-]*$/;
const serverIdPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/** Throws NAME_INVALID unless `text` may name a namespace, job or resource. */
export function checkName(field: string, text: string): void {
  if (text.length > nameCharsMax || !namePattern.test(text)) {
    throw stateErrors.NAME_INVALID(
      `${field} ${JSON.stringify(clip(text, nameCharsMax))} is no valid name`,
      {
        fields: { field, charsMax: nameCharsMax },
      },
    );
  }
}

/** Like names, but capital letters are allowed: host names are server ids. */
export function isServerId(text: string): boolean {
  return text.length <= nameCharsMax && serverIdPattern.test(text);
}

/** Throws VALUE_INVALID unless `key` may be a key of the key-value corner. */
export function checkKey(key: string): void {
  const bytes = utf8Length(key);
  if (bytes < 1 || bytes > kvKeyBytesMax || hasControlCharacter(key)) {
    throw stateErrors.VALUE_INVALID(
      `a key has 1 to ${String(kvKeyBytesMax)} bytes of UTF-8 and no control characters`,
      { fields: { field: "key", bytes, keyBytesMax: kvKeyBytesMax } },
    );
  }
}

/** C0, DEL and C1 controls (Unicode category Cc). */
export function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0)) return true;
  }
  return false;
}

/** At most `charsMax` UTF-16 units of `text`, never half a surrogate pair. */
export function clip(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const last = text.charCodeAt(charsMax - 1);
  const splitsPair = last >= 0xd800 && last < 0xdc00;
  return text.slice(0, splitsPair ? charsMax - 1 : charsMax);
}

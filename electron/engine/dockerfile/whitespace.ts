/** Two notions of whitespace that the Dockerfile language keeps apart: Unicode's, and the blanks that part words. */

/** A run of text and where it lies in the text it was cut from: UTF-16 offsets, the end exclusive. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Whether a UTF-16 unit is whitespace in Unicode's sense (the White_Space property). */
export function isSpace(unit: number): boolean {
  if (unit <= 0x20) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  if (unit < 0x1680) return unit === 0x85 || unit === 0xa0;
  if (unit >= 0x2000 && unit <= 0x200a) return true;
  return (
    unit === 0x1680 ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  );
}

/** Whether a UTF-16 unit parts the words of an instruction: tab, vertical tab, form feed, carriage return, space. */
export function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || (unit >= 0x0b && unit <= 0x0d);
}

/** Offset of the first unit of `text` at or after `from` that is no whitespace; the text's length if there is none. */
export function skipSpace(text: string, from = 0): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** `text` without its surrounding whitespace, and where that lies. Linear, unlike a pattern anchored at the end. */
export function trimmed(text: string, from = 0): Word {
  const start = skipSpace(text, from);
  let end = text.length;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return { text: text.slice(start, end), start, end };
}

/** Words of `text` parted by blanks, with no regard for quotes; `at` is added to their offsets. */
export function splitBlank(text: string, at = 0): Word[] {
  const words: Word[] = [];
  let position = 0;
  while (position < text.length) {
    while (position < text.length && isBlank(text.charCodeAt(position))) position++;
    const start = position;
    while (position < text.length && !isBlank(text.charCodeAt(position))) position++;
    if (position > start) {
      words.push({ text: text.slice(start, position), start: at + start, end: at + position });
    }
  }
  return words;
}

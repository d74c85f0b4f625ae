const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/**
 * The text as Go's `strconv.Quote` writes it, which is how BuildKit words CMD and ENTRYPOINT in an image's history. Nothing
 * invisible survives (control characters, direction overrides, bytes that are no text), so it also serves messages that
 * quote what came from outside.
 */
export function goQuote(text: string): string {
  let quoted = '"';
  for (const character of text) {
    if (ESCAPES[character] !== undefined) quoted += ESCAPES[character];
    else if (PRINTABLE.test(character)) quoted += character;
    else quoted += escapeCodePoint(character.codePointAt(0)!);
  }
  return `${quoted}"`;
}

/** A list as Go's `%q` verb writes a slice of strings: `["a" "b"]`. */
export function goQuoteList(words: readonly string[]): string {
  return `[${words.map(goQuote).join(' ')}]`;
}

/** The text quoted for a message, cut after `max` characters. */
export function quoteForMessage(text: string, max = 80): string {
  return text.length > max ? `${goQuote(text.slice(0, max)).slice(0, -1)}…"` : goQuote(text);
}

function escapeCodePoint(point: number): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  if (point < 0x20 || point === 0x7f) return `\\x${hex(point, 2)}`;
  if (point >= 0xdc80 && point <= 0xdcff) return `\\x${hex(point - 0xdc00, 2)}`;
  if (point >= 0xd800 && point <= 0xdfff) return '\\ufffd';
  return point < 0x10000 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`;
}

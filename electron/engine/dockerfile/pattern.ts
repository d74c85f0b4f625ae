/**
 * Shell patterns of `${name#pattern}` and its kin: `*` is any run of characters and `?` any one, neither a newline; `\*`,
 * `\?` and `\\` stand for themselves, and so do brackets. Matching is linear but for patterns with `?`, which pay for every
 * comparison from the `spend` they are given.
 */

/** One character, whatever it is. */
const ANY = null;

/** What must stand together: literal text and single wildcards. */
type Segment = readonly (string | typeof ANY)[];

/** Segments with a `*` between each two; empty ones at the ends where the pattern begins or ends with a `*`. */
export interface Pattern {
  readonly segments: readonly Segment[];
}

/** Takes units of work from a budget; throws when it is used up. */
export type Spend = (units: number) => void;

/** Where a match lies: UTF-16 offsets, the end exclusive. */
interface Match {
  readonly start: number;
  readonly end: number;
}

/** Compiles a pattern; answers the offending escape (`\x`, or a lone `\` at the end) where it has one. */
export function compilePattern(text: string): Pattern | { readonly badEscape: string } {
  const segments: (string | typeof ANY)[][] = [[]];
  for (let i = 0; i < text.length; i++) {
    const segment = segments.at(-1)!;
    let character = text[i]!;
    if (character === '*') {
      segments.push([]);
      continue;
    }
    if (character === '?') {
      segment.push(ANY);
      continue;
    }
    if (character === '\\') {
      character = text[++i] ?? '';
      if (!['*', '?', '\\', '/', '}'].includes(character)) return { badEscape: `\\${character}` };
    }
    const last = segment.at(-1);
    if (typeof last === 'string') segment[segment.length - 1] = last + character;
    else segment.push(character);
  }
  return { segments };
}

/** `value` without the shortest (or longest) prefix that matches; unchanged where none does. */
export function trimPrefix(pattern: Pattern, value: string, longest: boolean, spend: Spend): string {
  spend(value.length);
  const [first, ...rest] = pattern.segments;
  const firstEnd = matchAt(first!, value, 0, spend);
  const end = firstEnd === undefined ? undefined : matchRest(rest, value, firstEnd, longest, spend);
  return end === undefined ? value : value.slice(end);
}

/** `value` without the shortest (or longest) suffix that matches; unchanged where none does. */
export function trimSuffix(pattern: Pattern, value: string, longest: boolean, spend: Spend): string {
  spend(value.length);
  const reversed = reverse(value);
  const trimmed = trimPrefix(reversePattern(pattern), reversed, longest, spend);
  return trimmed.length === value.length ? value : reverse(trimmed);
}

/** `value` with the first (or every) longest match replaced, literally. An empty match right after a match counts for none. */
export function replaceMatches(
  pattern: Pattern,
  value: string,
  replacement: string,
  all: boolean,
  spend: Spend,
): string {
  spend(value.length);
  const parts: string[] = [];
  let copied = 0;
  for (let from = 0; from <= value.length;) {
    const match = search(pattern, value, from, spend);
    if (!match) break;
    parts.push(value.slice(copied, match.start));
    if (match.end > copied || match.start === 0) {
      spend(replacement.length + 1);
      parts.push(replacement);
    }
    copied = match.end;
    if (!all) break;
    from = match.end > from ? match.end : from + characterWidth(value, from);
  }
  parts.push(value.slice(copied));
  return parts.join('');
}

/** The leftmost match at or after `from`, as long as it can be. */
function search(pattern: Pattern, value: string, from: number, spend: Spend): Match | undefined {
  const [first, ...rest] = pattern.segments;
  for (let start = from; start <= value.length;) {
    const at = find(first!, value, start, value.length, spend);
    if (at === undefined) return undefined;
    const end = matchAt(first!, value, at, spend)!;
    const last = matchRest(rest, value, end, true, spend);
    if (last !== undefined) return { start: at, end: last };
    // What follows the first star was not found on this line, so no later start on the line can do better.
    start = Math.max(at + 1, lineEnd(value, end) - longestWidth(first!) + 1);
  }
  return undefined;
}

/**
 * Matches segments with a star before each, from `start`. Taking each at its first place is always right: a star that
 * reaches less far leaves more of the line to the ones behind it. Only the last decides how long the match is.
 */
function matchRest(
  segments: readonly Segment[],
  value: string,
  start: number,
  longest: boolean,
  spend: Spend,
): number | undefined {
  let at = start;
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    const found = (isLast && longest ? findLast : find)(segment, value, at, lineEnd(value, at), spend);
    if (found === undefined) return undefined;
    at = matchAt(segment, value, found, spend)!;
  }
  return at;
}

/** First place from `start` to `limit` where the segment stands. */
function find(
  segment: Segment,
  value: string,
  start: number,
  limit: number,
  spend: Spend,
): number | undefined {
  const lead = segment[0];
  for (let at = start; at <= limit; at++) {
    if (typeof lead === 'string') {
      at = value.indexOf(lead, at);
      if (at < 0 || at > limit) return undefined;
    }
    if (isBoundary(value, at) && matchAt(segment, value, at, spend) !== undefined) return at;
  }
  return undefined;
}

/** Last place from `start` to `limit` where the segment stands. */
function findLast(
  segment: Segment,
  value: string,
  start: number,
  limit: number,
  spend: Spend,
): number | undefined {
  const lead = segment[0];
  for (let at = limit; at >= start; at--) {
    if (typeof lead === 'string') {
      at = value.lastIndexOf(lead, at);
      if (at < start) return undefined;
    }
    if (isBoundary(value, at) && matchAt(segment, value, at, spend) !== undefined) return at;
  }
  return undefined;
}

/** End of the segment where it stands at `start`. */
function matchAt(segment: Segment, value: string, start: number, spend: Spend): number | undefined {
  let at = start;
  for (const part of segment) {
    spend(1);
    if (part === ANY) {
      if (at >= value.length || value[at] === '\n') return undefined;
      at += characterWidth(value, at);
    } else {
      spend(part.length >> 4);
      if (!value.startsWith(part, at)) return undefined;
      at += part.length;
    }
  }
  return at;
}

function lineEnd(value: string, from: number): number {
  const newline = value.indexOf('\n', from);
  return newline < 0 ? value.length : newline;
}

function longestWidth(segment: Segment): number {
  return segment.reduce((sum, part) => sum + (part === ANY ? 2 : part.length), 0);
}

function characterWidth(value: string, at: number): number {
  return (value.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** False between the two halves of a character. */
function isBoundary(value: string, at: number): boolean {
  return at === 0 || characterWidth(value, at - 1) === 1;
}

function reverse(text: string): string {
  return Array.from(text).reverse().join('');
}

function reversePattern({ segments }: Pattern): Pattern {
  return {
    segments: segments
      .map((segment) => segment.map((part) => (part === ANY ? ANY : reverse(part))).reverse())
      .reverse(),
  };
}

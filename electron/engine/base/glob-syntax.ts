import { EngineError } from './errors.ts';

/**
 * Wildcard patterns taken apart: fixed pieces with a gap before each. Both dialects the Dockerfile world knows are read
 * here: Go's `filepath.Match` (COPY sources) and the one of .dockerignore, which adds `**`.
 */

/** A set of characters: `ranges` holds first and last code points in pairs. */
export interface CharacterClass {
  readonly negated: boolean;
  readonly ranges: readonly number[];
}

/** Text to be found as it is, one character of a class, or (`null`) any one character but `/`. */
export type Unit = string | CharacterClass | null;

/**
 * What may lie before a piece. `none`: nothing. `star`: characters other than `/`. `dirs`: nothing, or anything that ends
 * in `/`.
 */
export type Gap = 'none' | 'star' | 'dirs';

export interface Piece {
  readonly gap: Gap;
  readonly units: readonly Unit[];
}

export interface Glob {
  /** The first piece always has gap `none`. */
  readonly pieces: readonly Piece[];
  /** Whether anything at all may follow the last piece. */
  readonly open: boolean;
}

/**
 * Reads a pattern: `*` and `?` never match `/`, `[a-z]` and `[^a-z]` do where they name it, `\x` is x itself. With
 * `doubleStar`, `**` at the end is the rest of the path and elsewhere (a `/` after it belongs to it) any directories or
 * none. Fails with BAD_PATTERN for an unclosed or malformed class and a lone `\` at the end.
 */
export function parseGlob(pattern: string, doubleStar: boolean): Glob {
  const pieces: { gap: Gap; units: Unit[] }[] = [{ gap: 'none', units: [] }];
  let open = false;
  let text = '';
  const flush = (): Unit[] => {
    const { units } = pieces.at(-1)!;
    if (text !== '') units.push(text);
    text = '';
    return units;
  };
  for (let i = 0; i < pattern.length;) {
    const char = pattern[i]!;
    if (char === '*' && doubleStar && pattern[i + 1] === '*') {
      flush();
      i += pattern[i + 2] === '/' ? 3 : 2;
      if (i >= pattern.length) open = true;
      else pieces.push({ gap: 'dirs', units: [] });
    } else if (char === '*') {
      const units = flush();
      i++;
      // A star after a star adds nothing.
      if (pieces.at(-1)!.gap !== 'star' || units.length > 0) pieces.push({ gap: 'star', units: [] });
    } else if (char === '?') {
      flush().push(null);
      i++;
    } else if (char === '[') {
      const units = flush();
      const parsed = parseClass(pattern, i, doubleStar);
      units.push(parsed.charClass);
      i = parsed.end;
    } else if (char === '\\') {
      if (i + 1 >= pattern.length) throw badPattern(pattern);
      text += pattern[i + 1]!;
      i += 2;
    } else {
      text += char;
      i++;
    }
  }
  flush();
  return { pieces, open };
}

/** Go's rules: `]` and `-` stand for themselves only after `\`, and a class is never empty. */
function parseClass(
  pattern: string,
  start: number,
  orderedRanges: boolean,
): { charClass: CharacterClass; end: number } {
  let at = start + 1;
  const negated = pattern[at] === '^';
  if (negated) at++;
  const ranges: number[] = [];
  const character = (): number => {
    if (pattern[at] === '-' || pattern[at] === ']') throw badPattern(pattern);
    if (pattern[at] === '\\') at++;
    const code = pattern.codePointAt(at);
    if (code === undefined) throw badPattern(pattern);
    at += code > 0xffff ? 2 : 1;
    return code;
  };
  while (pattern[at] !== ']' || ranges.length === 0) {
    const first = character();
    let last = first;
    if (pattern[at] === '-') {
      at++;
      last = character();
    }
    if (orderedRanges && last < first) throw badPattern(pattern);
    ranges.push(first, last);
  }
  return { charClass: { negated, ranges }, end: at + 1 };
}

function badPattern(pattern: string): EngineError {
  return new EngineError('BAD_PATTERN', `The pattern "${pattern}" is malformed.`, {
    hint: 'Every [ needs a closing ], and a backslash a character after it; write \\[ for the character itself.',
  });
}

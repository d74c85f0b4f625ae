import { posix } from 'node:path';
import { compileGlob } from './glob.ts';
import { globMatcher } from './glob-match.ts';
import { parseGlob } from './glob-syntax.ts';
import { EngineError } from './errors.ts';

/**
 * Lists of patterns in the dialect of .dockerignore, as moby's patternmatcher defines it: the last pattern that matches a
 * path or one of its parent directories decides, and one with `!` decides for keeping it.
 */

export interface Pattern {
  /** Without `!`, cleaned. */
  readonly text: string;
  /** Had a `!`. */
  readonly exception: boolean;
}

/** Index of the pattern that decides about a path; -1 where none does. */
export type Verdict = number;

export interface PatternMatcher {
  /** Whether the path is selected: for a .dockerignore, excluded. `''` and `.` never are. */
  matches(path: string): boolean;
  /**
   * The same step by step, for walking: the verdict on a path whose parent directory has the verdict `parent` (-1 at the
   * top). Only patterns after the parent's are tried.
   */
  decide(path: string, parent: Verdict): Verdict;
  /** What a verdict means. */
  selects(verdict: Verdict): boolean;
  /** Whether everything below this directory has the same meaning as the selected directory itself: no exception can match there. */
  canPrune(directory: string, verdict: Verdict): boolean;
}

/** One test for all patterns as written (`!` first makes an exception), as for COPY --exclude. Fails with BAD_PATTERN. */
export function compilePatterns(patterns: readonly string[]): (path: string) => boolean {
  return patternMatcher(
    patterns
      .map((pattern) => pattern.trim())
      .filter((pattern) => pattern !== '')
      .map(splitPattern),
  ).matches;
}

/** Takes off `!` and cleans the rest as Go's filepath.Clean does; a leading `/` stands for the root and goes. Fails with BAD_PATTERN for a lone `!`. */
export function splitPattern(written: string): Pattern {
  const exception = written.startsWith('!');
  const bare = exception ? written.slice(1).trim() : written;
  if (bare === '') {
    throw new EngineError('BAD_PATTERN', `"${written}" excepts nothing: a pattern must follow the "!".`);
  }
  const clean = posix.normalize(bare);
  const text = clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
  return { text: text.length > 1 && text.startsWith('/') ? text.slice(1) : text, exception };
}

/** Compiles a list. Plain paths, and names at any depth, are found by hashing, however many there are. Fails with BAD_PATTERN. */
export function patternMatcher(patterns: readonly Pattern[]): PatternMatcher {
  const byPath = new Map<string, number>();
  const byName = new Map<string, number>();
  const others: { readonly index: number; readonly test: (path: string) => boolean }[] = [];
  const exceptions: {
    readonly index: number;
    readonly mayMatchBelow: (elements: readonly string[]) => boolean;
  }[] = [];
  const written = new Set<string>();
  for (const [index, { text, exception }] of [...patterns.entries()].reverse()) {
    const test = testOf(text);
    // Of equal patterns only the last can decide.
    if (written.has(text)) continue;
    written.add(text);
    if (isPlain(text)) byPath.set(text, index);
    else if (isPlainName(text)) byName.set(text.slice(3), index);
    else others.push({ index, test });
    if (exception) exceptions.push({ index, mayMatchBelow: reach(text) });
  }

  const decide = (path: string, parent: Verdict): Verdict => {
    let best = parent;
    if (byPath.size > 0) best = Math.max(best, byPath.get(path) ?? -1);
    if (byName.size > 0) best = Math.max(best, byName.get(path.slice(path.lastIndexOf('/') + 1)) ?? -1);
    for (const { index, test } of others) {
      if (index <= best) break;
      if (test(path)) return index;
    }
    return best;
  };
  const selects = (verdict: Verdict): boolean => verdict >= 0 && !patterns[verdict]!.exception;
  return {
    decide,
    selects,
    matches(path) {
      if (path === '' || path === '.') return false;
      let verdict = -1;
      for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
        verdict = decide(path.slice(0, slash), verdict);
      }
      return selects(decide(path, verdict));
    },
    canPrune(directory, verdict) {
      const elements = exceptions.length === 0 ? [] : directory.split('/');
      return !exceptions.some(({ index, mayMatchBelow }) => index > verdict && mayMatchBelow(elements));
    },
  };
}

function isPlain(text: string): boolean {
  return !/[*?[\]\\]/.test(text);
}

function isPlainName(text: string): boolean {
  return text.startsWith('**/') && isPlain(text.slice(3)) && !text.includes('/', 3);
}

function testOf(text: string): (path: string) => boolean {
  const tail = text.slice(2);
  if (text.startsWith('**') && tail !== '' && isPlain(tail)) {
    // The dialect's oddity: `**` before nothing but text also matches inside a name, so `**file` takes `dir/xfile`.
    const whole = tail.startsWith('/') ? tail.slice(1) : tail;
    return (path) => path.endsWith(tail) || path === whole;
  }
  return globMatcher(parseGlob(text, true));
}

/** Whether a pattern may match something below the directory with these path elements; says yes when in doubt. */
function reach(text: string): (elements: readonly string[]) => boolean {
  const fixed: ((element: string) => boolean)[] = [];
  let bounded = true;
  for (const element of text.split('/')) {
    if (element.includes('**') || /[[\\]/.test(element)) {
      bounded = false;
      break;
    }
    fixed.push(compileGlob(element));
  }
  return (elements) =>
    (!bounded || elements.length < fixed.length) &&
    fixed.every((matches, i) => i >= elements.length || matches(elements[i]!));
}

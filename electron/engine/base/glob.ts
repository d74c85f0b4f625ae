import { globMatcher } from './glob-match.ts';
import { parseGlob } from './glob-syntax.ts';

/**
 * Compiles a wildcard pattern as COPY and ADD know it to a test of a whole path or of one element: `*` and `?` stop at
 * `/`, `[a-z]`, `[^a-z]`, `\x`; there is no `**` (Go, path/filepath, Match). Matching time is bounded by path × pattern.
 * Fails with BAD_PATTERN.
 */
export function compileGlob(pattern: string): (path: string) => boolean {
  return globMatcher(parseGlob(pattern, false));
}

/** Whether the pattern has a `*`, `?` or `[` that no backslash takes the meaning from. */
export function hasWildcard(pattern: string): boolean {
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i];
    if (char === '\\') i++;
    else if (char === '*' || char === '?' || char === '[') return true;
  }
  return false;
}

import { EngineError } from '../base/errors.ts';
import { patternMatcher, splitPattern, type Pattern, type PatternMatcher } from '../base/patterns.ts';

/** A pattern of an ignore file and where it stands. */
export interface IgnorePattern extends Pattern {
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
}

const LONGEST_LINE = 65_535;

/**
 * Reads a .dockerignore (moby/patternmatcher, ignorefile): one pattern a line, blanks around it dropped, `#` in the first
 * column makes a comment, a byte order mark is ignored. `file` is its name in messages. Fails with CONTEXT_IGNORE_SYNTAX.
 */
export function parseIgnoreFile(text: string, file: string): readonly IgnorePattern[] {
  const patterns: IgnorePattern[] = [];
  const lines = (text.startsWith('\ufeff') ? text.slice(1) : text).split('\n');
  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    if (raw.startsWith('#')) continue;
    if (raw.length > LONGEST_LINE)
      throw syntaxError(`The line is longer than ${LONGEST_LINE} characters.`, file, line, raw);
    const text = raw.trim();
    if (text === '') continue;
    try {
      const pattern = splitPattern(text);
      patternMatcher([pattern]);
      patterns.push({ ...pattern, file, line });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      throw syntaxError(error.message, file, line, raw, error);
    }
  }
  return patterns;
}

/** Compiles what {@link parseIgnoreFile} answered. `matches` means: excluded from the context. */
export function compileIgnore(patterns: readonly Pattern[]): PatternMatcher {
  return patternMatcher(patterns);
}

function syntaxError(
  what: string,
  file: string,
  line: number,
  raw: string,
  cause?: EngineError,
): EngineError {
  return new EngineError('CONTEXT_IGNORE_SYNTAX', what, {
    hint: cause?.hint,
    file,
    range: { startLine: line, startColumn: 1, endLine: line, endColumn: raw.trimEnd().length + 1 },
    cause,
  });
}

import type { SourceRange } from '../../../shared/source-range.ts';
import { EngineError } from '../base/errors.ts';
import type { Heredoc } from './ast.ts';
import { splitFlags } from './flag-words.ts';
import { isBlank, trimmed } from './whitespace.ts';
import type { Word } from './whitespace.ts';

/** The `<<word` of a heredoc in the instruction's text, with the body that follows the instruction. */
export interface PlacedHeredoc extends Heredoc {
  readonly start: number;
  readonly end: number;
}

/** What every typed instruction has. */
export interface InstructionCommon {
  readonly range: SourceRange;
  readonly source: string;
  readonly comments: readonly string[];
}

/** An instruction taken apart as far as that can be done without knowing which one it is. Offsets are into its logical line. */
export interface Statement {
  readonly file: string;
  readonly escape: '\\' | '`';
  readonly common: InstructionCommon;
  /** Upper-case. */
  readonly keyword: string;
  readonly keywordPlace: { readonly start: number; readonly end: number };
  /** The words before the arguments that begin with `--`, quotes and escapes resolved. */
  readonly flags: readonly Word[];
  /** The rest of the line, trimmed. */
  readonly args: Word;
  readonly heredocs: readonly PlacedHeredoc[];
  /** Where offsets of the logical line stand in the file. */
  locate(start: number, end: number): SourceRange;
}

/** What {@link splitStatement} leaves to its caller. */
export type StatementFrame = Pick<Statement, 'file' | 'escape' | 'common' | 'locate'>;

/**
 * Splits the text of `common.source` from `from` on into keyword, flags and arguments; heredocs are not looked for. Fails
 * with DOCKERFILE_FLAG where a flag's quote is not closed.
 */
export function splitStatement(frame: StatementFrame, from = 0): Statement {
  const text = frame.common.source;
  const { start, end } = trimmed(text, from);
  let keywordEnd = start;
  while (keywordEnd < end && !isBlank(text.charCodeAt(keywordEnd))) keywordEnd++;
  const { flags, argsStart, unclosed } = splitFlags(text.slice(0, end), keywordEnd);
  if (unclosed) {
    throw new EngineError('DOCKERFILE_FLAG', `The quote in the flag ${unclosed.text} is not closed.`, {
      hint: 'Close it, or write a backslash before it.',
      file: frame.file,
      range: frame.locate(unclosed.start, unclosed.end),
    });
  }
  return {
    ...frame,
    keyword: text.slice(start, keywordEnd).toUpperCase(),
    keywordPlace: { start, end: keywordEnd },
    flags,
    args: trimmed(text.slice(0, end), argsStart),
    heredocs: [],
  };
}

/** An error about the instruction, or about the part of its line that `place` covers. */
export function statementError(
  statement: StatementFrame,
  code: string,
  message: string,
  hint?: string,
  place?: { readonly start: number; readonly end: number },
): EngineError {
  const range = place ? statement.locate(place.start, place.end) : statement.common.range;
  return new EngineError(code, message, { hint, file: statement.file, range });
}

import type { SourceRange } from '../../../shared/source-range.ts';
import { lineRange } from './source-text.ts';
import type { LineReader } from './source-text.ts';
import { skipSpace, trimmed } from './whitespace.ts';

/** Where a run of a logical line's text stands in the file. */
interface Piece {
  /** Offset in the logical line. */
  readonly at: number;
  readonly line: number;
  readonly column: number;
}

/** An instruction's line with its continuations joined and the comments between them left out. */
export interface LogicalLine {
  readonly text: string;
  /** From the first character to the end of the last physical line. */
  readonly range: SourceRange;
  /** The comment lines directly above, without `#`, trimmed. */
  readonly comments: readonly string[];
  /** The first blank line inside it, if there is one. */
  readonly emptyLine: SourceRange | undefined;
  /** Where the text between two offsets of `text` stands in the file. */
  locate(start: number, end: number): SourceRange;
}

/**
 * Reads the next instruction's line; undefined at the end of the file. A line goes on where its last character but blanks
 * is the escape character and the one before is not; nothing is put in its place. Whitespace before the first line is
 * dropped, before the later ones kept.
 */
export function nextLogicalLine(reader: LineReader, escape: string): LogicalLine | undefined {
  let comments: string[] = [];
  for (;;) {
    const line = reader.next();
    if (!line) return undefined;
    const start = skipSpace(line.text);
    if (line.text[start] === '#') {
      const comment = trimmed(line.text, start + 1).text;
      if (comment === '') comments = [];
      else comments.push(comment);
    } else if (start === line.text.length) {
      comments = [];
    } else {
      return joinLines(reader, escape, comments, line.number, line.text, start);
    }
  }
}

function joinLines(
  reader: LineReader,
  escape: string,
  comments: readonly string[],
  startLine: number,
  first: string,
  start: number,
): LogicalLine {
  const parts: string[] = [];
  const pieces: Piece[] = [];
  let length = 0;
  let endLine = startLine;
  let endColumn = first.length + 1;
  let emptyLine: SourceRange | undefined;

  function add(text: string, line: number, column: number): boolean {
    const end = continuationStart(text, escape);
    const part = end === undefined ? text : text.slice(0, end);
    pieces.push({ at: length, line, column });
    parts.push(part);
    length += part.length;
    return end !== undefined;
  }

  let goesOn = add(first.slice(start), startLine, start + 1);
  while (goesOn) {
    const line = reader.next();
    if (!line) break;
    endLine = line.number;
    endColumn = line.text.length + 1;
    const at = skipSpace(line.text);
    if (line.text[at] === '#') continue;
    if (at === line.text.length) emptyLine ??= lineRange(line);
    else goesOn = add(line.text, line.number, 1);
  }
  return {
    text: parts.join(''),
    range: { startLine, startColumn: start + 1, endLine, endColumn },
    comments,
    emptyLine,
    locate: (from, to) => locate(pieces, from, to),
  };
}

/** Offset of the escape character that makes the line go on, or undefined where it ends here. */
function continuationStart(line: string, escape: string): number | undefined {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--;
  if (line[end - 1] !== escape || line[end - 2] === escape) return undefined;
  return end - 1;
}

function locate(pieces: readonly Piece[], start: number, end: number): SourceRange {
  const from = place(pieces, start);
  const to = end > start ? place(pieces, end - 1) : from;
  const width = end > start ? 1 : 0;
  return {
    startLine: from.line,
    startColumn: from.column,
    endLine: to.line,
    endColumn: to.column + width,
  };
}

function place(pieces: readonly Piece[], offset: number): { line: number; column: number } {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pieces[middle]!.at <= offset) low = middle;
    else high = middle - 1;
  }
  const piece = pieces[low]!;
  return { line: piece.line, column: piece.column + offset - piece.at };
}

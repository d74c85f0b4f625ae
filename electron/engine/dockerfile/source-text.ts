import type { SourceRange } from '../../../shared/source-range.ts';
import { decodeName, encodeName } from '../base/byte-path.ts';
import { EngineError } from '../base/errors.ts';

/** Bytes a Dockerfile may have. */
export const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** Bytes a line may have without its newline: the limit of the scanner that Docker reads Dockerfiles with. */
export const MAX_LINE_BYTES = 65_535;

/** One line of the file. */
export interface PhysicalLine {
  /** Counts from 1. */
  readonly number: number;
  /** Without the line ending. */
  readonly text: string;
  /** With the line ending, as a heredoc keeps it. */
  readonly raw: string;
}

/** Hands out the lines of a text once, in order. */
export interface LineReader {
  readonly file: string;
  /** The next line without taking it. */
  peek(): PhysicalLine | undefined;
  /** Takes the next line; undefined at the end. Fails with DOCKERFILE_LINE_TOO_LONG, having taken the line. */
  next(): PhysicalLine | undefined;
}

/** The range from the first to the last column of a line. */
export function lineRange(line: PhysicalLine): SourceRange {
  return { startLine: line.number, startColumn: 1, endLine: line.number, endColumn: line.text.length + 1 };
}

/**
 * The text of a Dockerfile without its byte order mark. Bytes that are not UTF-8 survive (see byte-path.ts), so that a
 * comment in an old encoding does no harm and a path keeps its bytes. Fails with DOCKERFILE_TOO_LARGE and
 * DOCKERFILE_ENCODING (UTF-16, or with a zero byte, which no text has).
 */
export function decodeSource(source: string | Uint8Array, file: string): string {
  const size = typeof source === 'string' ? Buffer.byteLength(source) : source.length;
  if (size > MAX_FILE_BYTES) {
    throw new EngineError('DOCKERFILE_TOO_LARGE', `The Dockerfile has ${size} bytes, more than 4 MiB.`, {
      hint: 'Check that this is the file you meant; move data that it carries into files of its own.',
      file,
    });
  }
  if (typeof source !== 'string' && isUtf16(source)) {
    throw wrongEncoding('The Dockerfile is saved as UTF-16.', 'Save it as UTF-8.', file);
  }
  const text = typeof source === 'string' ? source : decodeName(source);
  if (text.includes('\0')) {
    throw wrongEncoding('The Dockerfile is not a text file.', 'Check that this is the file you meant.', file);
  }
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function wrongEncoding(message: string, hint: string, file: string): EngineError {
  const range = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 };
  return new EngineError('DOCKERFILE_ENCODING', message, { hint, file, range });
}

function isUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

/** Reads `text` line by line; lines end with LF, and carriage returns before it are not part of the line. */
export function createLineReader(text: string, file: string): LineReader {
  let offset = 0;
  let number = 0;
  let ahead: PhysicalLine | undefined;

  function read(): PhysicalLine | undefined {
    if (offset >= text.length) return undefined;
    const newline = text.indexOf('\n', offset);
    const next = newline < 0 ? text.length : newline + 1;
    let end = newline < 0 ? text.length : newline;
    const unended = text.slice(offset, end);
    while (end > offset && text.charCodeAt(end - 1) === 0x0d) end--;
    const line = { number: ++number, text: text.slice(offset, end), raw: text.slice(offset, next) };
    offset = next;
    if (isTooLong(unended)) {
      throw new EngineError('DOCKERFILE_LINE_TOO_LONG', `Line ${number} is longer than 65,535 bytes.`, {
        hint: 'Break it up with a continuation, or move its text into a file.',
        file,
        range: { startLine: number, startColumn: 1, endLine: number, endColumn: 1 },
      });
    }
    return line;
  }

  return {
    file,
    peek() {
      ahead ??= read();
      return ahead;
    },
    next() {
      const line = ahead ?? read();
      ahead = undefined;
      return line;
    },
  };
}

function isTooLong(line: string): boolean {
  if (line.length * 3 <= MAX_LINE_BYTES) return false;
  return encodeName(line).length > MAX_LINE_BYTES;
}

import { EngineError } from '../base/errors.ts';
import { quote } from './messages.ts';
import { lineRange } from './source-text.ts';
import type { LineReader, PhysicalLine } from './source-text.ts';
import { suggestion } from './suggest.ts';
import { skipSpace, trimmed } from './whitespace.ts';

/** What the directives at the top of a Dockerfile say. */
export interface Directives {
  /** The frontend image asked for, arguments included. */
  readonly syntax?: string;
  /** Continues lines and escapes characters. */
  readonly escape: '\\' | '`';
  /** Settings of the build checks, as written. */
  readonly check?: string;
}

interface Directive {
  readonly name: string;
  readonly value: string;
}

const CHECK_OPTIONS = ['skip', 'error', 'experimental'];
const BOOLEANS = /^(?:1|t|true|0|f|false)$/i;

/**
 * Takes the directive lines (`# name=value`) off the top of the file. The first line that is none (a blank line, another
 * comment, an instruction) ends them for good. Fails with DOCKERFILE_DIRECTIVE for a repeated directive and for a value
 * that means nothing. After the Dockerfile reference, "Parser directives".
 */
export function readDirectives(reader: LineReader): Directives {
  const seen = new Map<string, string>();
  for (;;) {
    const line = reader.peek();
    const directive = line && parseDirective(line.text);
    if (!line || !directive) break;
    reader.next();
    if (seen.has(directive.name)) {
      throw directiveError(
        reader,
        line,
        `The directive ${directive.name} is given twice.`,
        'Keep one of them.',
      );
    }
    checkValue(reader, line, directive);
    seen.set(directive.name, directive.value);
  }
  const syntax = seen.get('syntax');
  const check = seen.get('check');
  return {
    ...(syntax === undefined ? {} : { syntax }),
    escape: seen.get('escape') === '`' ? '`' : '\\',
    ...(check === undefined ? {} : { check }),
  };
}

function parseDirective(line: string): Directive | undefined {
  const hash = skipSpace(line);
  const equals = line.indexOf('=', hash);
  if (line[hash] !== '#' || equals < 0) return undefined;
  const name = trimmed(line.slice(hash + 1, equals)).text.toLowerCase();
  const value = trimmed(line, equals + 1).text;
  if (value === '' || !['syntax', 'escape', 'check'].includes(name)) return undefined;
  return { name, value };
}

function checkValue(reader: LineReader, line: PhysicalLine, { name, value }: Directive): void {
  if (name === 'escape' && value !== '\\' && value !== '`') {
    const message = `The escape character cannot be ${quote(value)}.`;
    throw directiveError(reader, line, message, 'It is either \\ or `.');
  }
  if (name !== 'check') return;
  for (const option of value.split(';')) {
    const equals = option.indexOf('=');
    const key = trimmed(equals < 0 ? option : option.slice(0, equals)).text;
    if (equals < 0 || !CHECK_OPTIONS.includes(key)) {
      const hint =
        suggestion(key, CHECK_OPTIONS) ?? 'The options are skip, error and experimental, as in skip=all.';
      throw directiveError(reader, line, `The check directive has no option ${quote(key)}.`, hint);
    }
    if (key === 'error' && !BOOLEANS.test(trimmed(option, equals + 1).text)) {
      throw directiveError(
        reader,
        line,
        'The check option error is neither true nor false.',
        'Write error=true.',
      );
    }
  }
}

function directiveError(reader: LineReader, line: PhysicalLine, message: string, hint: string): EngineError {
  return new EngineError('DOCKERFILE_DIRECTIVE', message, {
    hint,
    file: reader.file,
    range: lineRange(line),
  });
}

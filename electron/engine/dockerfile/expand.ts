import { expansionError, unclosedQuote, unfinished } from './expansion-errors.ts';
import { clip, quote } from './messages.ts';
import { compilePattern, replaceMatches, trimPrefix, trimSuffix } from './pattern.ts';
import type { Pattern } from './pattern.ts';
import { variableNameAt } from './variable-name.ts';
import { createWordCollector } from './word-collector.ts';

/**
 * Variables, quotes and escapes of a word, after the Dockerfile reference ("Environment replacement") and, where that is
 * silent, BuildKit. One pass over the text, so linear in it. One thing differs on purpose: in `${name//pattern/text}` the
 * text is taken literally, as with a single slash, where BuildKit reads `$1` in a value as a regular expression's group.
 */

/** Units the result of an expansion may have. */
export const MAX_RESULT_LENGTH = 1024 * 1024;
/** How deep `${a:-${b:-…}}` may nest. */
export const MAX_DEPTH = 100;
const MAX_WORK = 1 << 26;

/** Looks up a variable; undefined where it is not set. */
export type Environment = (name: string) => string | undefined;

export interface ExpandOptions {
  readonly escape: '\\' | '`';
  /** Leaves quotes alone, as in the body of a heredoc. */
  readonly keepQuotes?: boolean;
}

/** Which variables the word asked for. */
interface Lookups {
  /** Names that had a value. */
  readonly used: ReadonlySet<string>;
  /** Names that had none; `1`, `@` and the like among them. */
  readonly unset: ReadonlySet<string>;
}

/**
 * Expands `word` to one text. Understands `$name`, `${name}`, `${name:-word}`, `:+`, `:?` (each with and without the colon),
 * `${name#pattern}`, `##`, `%`, `%%`, `${name/pattern/text}` and `//`. Fails with DOCKERFILE_EXPANSION, without a place,
 * for text it does not understand, a `:?` that strikes, and results over the limits; see `EngineError.at`.
 */
export function expandWord(
  word: string,
  environment: Environment,
  options: ExpandOptions,
): { readonly value: string } & Lookups {
  const scan = startScan(word, environment, options);
  const value = createText();
  readText(scan, undefined, false, value.add);
  return { value: value.take(), used: scan.used, unset: scan.unset };
}

/** As {@link expandWord}, then split at whitespace that is neither quoted nor escaped; values of variables are split too. */
export function expandWords(
  word: string,
  environment: Environment,
  options: ExpandOptions,
): { readonly words: readonly string[] } & Lookups {
  const scan = startScan(word, environment, options);
  const collector = createWordCollector();
  let length = 0;
  readText(scan, undefined, false, (text, splits) => {
    length = checkLength(length + text.length);
    if (splits) collector.addSplitting(text);
    else collector.addWhole(text);
  });
  return { words: collector.finish(), used: scan.used, unset: scan.unset };
}

interface Scan {
  readonly text: string;
  position: number;
  depth: number;
  work: number;
  readonly environment: Environment;
  readonly escape: string;
  readonly keepQuotes: boolean;
  readonly used: Set<string>;
  readonly unset: Set<string>;
}

/** Takes a run of the result; `splits` is false where whitespace in it was quoted or escaped. */
type Add = (text: string, splits: boolean) => void;

function startScan(text: string, environment: Environment, options: ExpandOptions): Scan {
  return {
    text,
    position: 0,
    depth: 0,
    work: 0,
    environment,
    escape: options.escape,
    keepQuotes: options.keepQuotes ?? false,
    used: new Set(),
    unset: new Set(),
  };
}

/** Reads up to `stop` and takes it, or to the end where `stop` is undefined. `raw` keeps escape characters, for patterns. */
function readText(scan: Scan, stop: string | undefined, raw: boolean, add: Add): void {
  const { text, escape } = scan;
  while (scan.position < text.length) {
    const character = text[scan.position]!;
    if (character === stop) {
      scan.position++;
      return;
    }
    if (character === '$') {
      add(readDollar(scan), true);
    } else if (character === "'" && !scan.keepQuotes) {
      add(readSingleQuoted(scan), false);
    } else if (character === '"' && !scan.keepQuotes) {
      add(readDoubleQuoted(scan, raw), false);
    } else if (character === escape) {
      const width = raw ? 0 : 1;
      add(text.slice(scan.position + width, scan.position + 2), false);
      scan.position += 2;
    } else {
      add(readPlain(scan, stop), true);
    }
  }
  if (stop !== undefined) throw unfinished(stop);
}

function readPlain(scan: Scan, stop: string | undefined): string {
  const { text, escape, keepQuotes } = scan;
  const start = scan.position;
  let end = start + 1;
  for (; end < text.length; end++) {
    const character = text[end]!;
    if (character === '$' || character === escape || character === stop) break;
    if (!keepQuotes && (character === "'" || character === '"')) break;
  }
  scan.position = end;
  return text.slice(start, end);
}

function readSingleQuoted(scan: Scan): string {
  const start = scan.position + 1;
  const end = scan.text.indexOf("'", start);
  if (end < 0) throw unclosedQuote('single');
  scan.position = end + 1;
  return scan.text.slice(start, end);
}

function readDoubleQuoted(scan: Scan, raw: boolean): string {
  const { text, escape } = scan;
  const value = createText();
  let plain = ++scan.position;
  function flush(): void {
    value.add(text.slice(plain, scan.position));
  }
  while (scan.position < text.length) {
    const character = text[scan.position]!;
    if (character === '"') {
      flush();
      scan.position++;
      return value.take();
    }
    if (character === '$') {
      flush();
      value.add(readDollar(scan));
      plain = scan.position;
    } else if (character === escape && isEscapable(text[scan.position + 1], escape)) {
      flush();
      plain = scan.position + (raw ? 0 : 1);
      scan.position += 2;
    } else {
      scan.position++;
    }
  }
  throw unclosedQuote('double');
}

function isEscapable(character: string | undefined, escape: string): boolean {
  return character === '"' || character === '$' || character === escape;
}

function readDollar(scan: Scan): string {
  scan.position++;
  if (scan.text[scan.position] !== '{') {
    const name = readName(scan);
    return name === '' ? '$' : (lookUp(scan, name) ?? '');
  }
  scan.position++;
  if (scan.depth >= MAX_DEPTH) throw expansionError(`Variables are nested more than ${MAX_DEPTH} deep.`);
  scan.depth++;
  const value = readSubstitution(scan);
  scan.depth--;
  return value;
}

/** Reads what follows `${`, closing brace included. */
function readSubstitution(scan: Scan): string {
  const next = scan.text[scan.position];
  if (next === undefined) throw unfinished('}');
  if (next === '{' || next === '}' || next === ':') {
    throw expansionError('A variable has no name.', 'Write ${name}, or \\$ for a dollar sign.');
  }
  const name = readName(scan);
  const start = scan.position;
  let operator = scan.text[scan.position++];
  if (operator === undefined) throw unfinished('}');
  if (operator === '}') return lookUp(scan, name) ?? '';
  if (operator === '/') return readReplacement(scan, name);
  const colon = operator === ':';
  if (colon) operator = scan.text[scan.position++];
  if (operator === '-' || operator === '+' || operator === '?') {
    const word = readOperand(scan, '}', false);
    return choose(name, lookUp(scan, name), operator, colon, word);
  }
  if ((operator === '#' || operator === '%') && !colon) return readTrim(scan, name, operator);
  const modifier = scan.text.slice(start, scan.position);
  throw expansionError(
    `Variable ${name || 'without a name'} has the unknown modifier ${quote(modifier)}.`,
    'Known are :-, :+, :?, -, +, ?, #, ##, %, %%, / and //.',
  );
}

function choose(
  name: string,
  value: string | undefined,
  operator: '-' | '+' | '?',
  emptyCounts: boolean,
  word: string,
): string {
  const present = value !== undefined && !(emptyCounts && value === '');
  if (operator === '+') return present ? word : '';
  if (present) return value;
  if (operator === '-') return word;
  const problem = value === undefined ? 'is not set' : 'is empty';
  throw expansionError(
    word === ''
      ? `Variable ${name} ${problem}.`
      : `Variable ${name} ${problem}: ${clip(word).replace(/[.\s]+$/, '')}.`,
    `Give it a value with ARG or ENV, or with --build-arg ${name}=…`,
  );
}

function readTrim(scan: Scan, name: string, operator: '#' | '%'): string {
  const longest = scan.text[scan.position] === operator;
  if (longest) scan.position++;
  const pattern = toPattern(readOperand(scan, '}', true));
  const value = lookUp(scan, name) ?? '';
  const trim = operator === '#' ? trimPrefix : trimSuffix;
  return trim(pattern, value, longest, (units) => spend(scan, units));
}

function readReplacement(scan: Scan, name: string): string {
  const all = scan.text[scan.position] === '/';
  if (all) scan.position++;
  const pattern = toPattern(readOperand(scan, '/', true));
  const replacement = readOperand(scan, '}', true);
  const value = lookUp(scan, name) ?? '';
  return replaceMatches(pattern, value, replacement, all, (units) => spend(scan, units));
}

function readOperand(scan: Scan, stop: string, raw: boolean): string {
  const value = createText();
  readText(scan, stop, raw, value.add);
  return value.take();
}

function toPattern(text: string): Pattern {
  const pattern = compilePattern(text);
  if ('segments' in pattern) return pattern;
  throw expansionError(
    `The pattern ${quote(text)} has the unknown escape ${pattern.badEscape}.`,
    'In a pattern a backslash stands before *, ?, /, } or another backslash.',
  );
}

function readName(scan: Scan): string {
  const name = variableNameAt(scan.text, scan.position);
  scan.position += name.length;
  return name;
}

function lookUp(scan: Scan, name: string): string | undefined {
  const value = scan.environment(name);
  (value === undefined ? scan.unset : scan.used).add(name);
  return value;
}

function createText(): { add(text: string): void; take(): string } {
  let value = '';
  return {
    add(text) {
      checkLength(value.length + text.length);
      value += text;
    },
    take: () => value,
  };
}

function checkLength(length: number): number {
  if (length > MAX_RESULT_LENGTH)
    throw expansionError('The text with its variables put in is longer than 1 MiB.');
  return length;
}

function spend(scan: Scan, units: number): void {
  scan.work += units;
  if (scan.work > MAX_WORK) throw expansionError('Matching the pattern against the value takes too long.');
}

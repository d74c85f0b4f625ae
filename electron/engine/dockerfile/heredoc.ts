import { isJsonArray } from './json-form.ts';
import { clip } from './messages.ts';
import type { LineReader, PhysicalLine } from './source-text.ts';
import { splitStatement, statementError } from './statement.ts';
import type { PlacedHeredoc, Statement } from './statement.ts';
import { isSpace, skipSpace } from './whitespace.ts';

type Opening = Omit<PlacedHeredoc, 'content'>;

const CARRIERS = ['RUN', 'COPY', 'ADD'];

/** The heredoc's content with the tabs at the start of each line removed: what `<<-` asks for. */
export function stripHeredocTabs(content: string): string {
  return content.replace(/(^|\n)\t+/g, '$1');
}

/**
 * Reads the bodies of the heredocs that the instruction opens from the lines after it; bodies are kept as they stand.
 * Answers the statement with them, its range grown over them. Fails with DOCKERFILE_HEREDOC where a body does not end.
 */
export function readHeredocs(statement: Statement, reader: LineReader): Statement {
  if (!statement.args.text.includes('<<')) return statement;
  let { range } = statement.common;
  const heredocs = findOpenings(statement).map((opening) => {
    const { content, end } = readBody(statement, opening, reader);
    range = { ...range, endLine: end.number, endColumn: end.text.length + 1 };
    return { ...opening, content };
  });
  return { ...statement, heredocs, common: { ...statement.common, range } };
}

function readBody(
  statement: Statement,
  opening: Opening,
  reader: LineReader,
): { content: string; end: PhysicalLine } {
  const parts: string[] = [];
  for (let line = reader.next(); line; line = reader.next()) {
    const text = opening.chomp ? line.text.replace(/^\t+/, '') : line.text;
    if (text === opening.name) return { content: parts.join(''), end: line };
    parts.push(line.raw);
  }
  throw statementError(
    statement,
    'DOCKERFILE_HEREDOC',
    `The heredoc ${clip(opening.name)} does not end.`,
    `Close it with a line that holds nothing but ${clip(opening.name)}.`,
    opening,
  );
}

function findOpenings(statement: Statement): readonly Opening[] {
  const inner = statement.keyword === 'ONBUILD' ? splitStatement(statement, statement.args.start) : statement;
  if (!CARRIERS.includes(inner.keyword) || isJsonArray(inner.args.text)) return [];
  const openings: Opening[] = [];
  for (const word of rawWords(inner.args.text)) {
    const opening = parseOpening(inner.args.text.slice(word.start, word.end), inner.args.start + word.start);
    if (opening) openings.push(opening);
  }
  return openings;
}

/**
 * Words parted by whitespace outside quotes, quotes and escapes kept; blanks after `<<` or `<<-` belong to the word. None
 * where a quote is not closed: then the text is for the shell to judge.
 */
function rawWords(text: string): { start: number; end: number }[] {
  const words: { start: number; end: number }[] = [];
  for (let start = skipSpace(text); start < text.length;) {
    let at = start;
    while (at < text.length && !isSpace(text.charCodeAt(at))) {
      const character = text[at]!;
      if (character === '"' || character === "'") at = quoteEnd(text, at);
      else if (text.startsWith('<<', at)) at = skipSpace(text, at + (text[at + 2] === '-' ? 3 : 2));
      else at = Math.min(at + (character === '\\' ? 2 : 1), text.length);
      if (at > text.length) return [];
    }
    words.push({ start, end: at });
    start = skipSpace(text, at);
  }
  return words;
}

/** Offset behind the quote that closes the one at `start`; past the end of the text where none does. */
function quoteEnd(text: string, start: number): number {
  const quote = text[start]!;
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === quote) return at + 1;
    if (text[at] === '\\' && quote === '"') at++;
  }
  return text.length + 1;
}

/** Reads `3<<-'EOF'`: descriptor, dash, word. Undefined where the word opens no heredoc. */
function parseOpening(word: string, start: number): Opening | undefined {
  let at = 0;
  while (at < word.length && word[at]! >= '0' && word[at]! <= '9') at++;
  if (!word.startsWith('<<', at)) return undefined;
  const chomp = word[at + 2] === '-';
  const delimiter = word.slice(skipSpace(word, at + (chomp ? 3 : 2)));
  if (delimiter.includes('<')) return undefined;
  const { name, quoted } = unquote(delimiter);
  if (name === '') return undefined;
  const fileDescriptor = Math.min(Number(word.slice(0, at)), Number.MAX_SAFE_INTEGER);
  return { name, expand: !quoted, chomp, fileDescriptor, start, end: start + word.length };
}

/** The delimiter without quotes and escapes. Variables stay as they are. */
function unquote(word: string): { name: string; quoted: boolean } {
  let name = '';
  let quote: string | undefined;
  let quoted = false;
  for (let at = 0; at < word.length; at++) {
    const character = word[at]!;
    const next = word[at + 1] ?? '';
    if (character === '\\' && quote !== "'" && (quote === undefined || '"$\\'.includes(next))) {
      name += next;
      at++;
    } else if (character === quote) {
      quote = undefined;
    } else if (quote === undefined && (character === '"' || character === "'")) {
      quote = character;
      quoted = true;
    } else {
      name += character;
    }
  }
  return { name, quoted };
}

import { isSpace, skipSpace } from './whitespace.ts';
import type { Word } from './whitespace.ts';

/**
 * Words of ENV, LABEL and ARG: parted by whitespace that is neither quoted nor escaped. Quotes and escapes stay in the
 * words, for the expansion to resolve; an escape character at the very end is dropped.
 */
export function splitQuotedWords(args: Word, escape: string): Word[] {
  const { text } = args;
  const words: Word[] = [];
  for (let start = skipSpace(text); start < text.length;) {
    const end = wordEnd(text, start, escape);
    const word = text.slice(start, end.word);
    if (word !== '') words.push({ text: word, start: args.start + start, end: args.start + end.word });
    start = skipSpace(text, end.next);
  }
  return words;
}

function wordEnd(text: string, start: number, escape: string): { word: number; next: number } {
  let quote: string | undefined;
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if (character === escape && quote !== "'") {
      if (at + 1 === text.length) return { word: at, next: text.length };
      at++;
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined;
    } else if (character === '"' || character === "'") {
      quote = character;
    } else if (isSpace(character.charCodeAt(0))) {
      return { word: at, next: at };
    }
  }
  return { word: text.length, next: text.length };
}

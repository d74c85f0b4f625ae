import { isSpace, skipSpace } from './whitespace.ts';
import type { Word } from './whitespace.ts';

/** The flags before an instruction's arguments. */
export interface FlagWords {
  readonly flags: readonly Word[];
  /** Where the arguments begin. */
  readonly argsStart: number;
  /** The flag whose quote never ends: its text up to the quote. */
  readonly unclosed?: Word;
}

/**
 * Takes the words that begin with `--` off the front of `text`, from `from` on. Quotes are removed and a backslash makes
 * the next character literal, whatever the escape directive says. A `--` alone ends the flags and is dropped.
 */
export function splitFlags(text: string, from: number): FlagWords {
  const flags: Word[] = [];
  for (let start = skipSpace(text, from); ;) {
    if (!text.startsWith('--', start)) return { flags, argsStart: start };
    const word = readFlagWord(text, start);
    if (word === undefined) {
      const end = text.slice(start).search(/['"=]/);
      const name = text.slice(start, start + end);
      return { flags, argsStart: text.length, unclosed: { text: name, start, end: text.length } };
    }
    start = skipSpace(text, word.end);
    if (word.text === '--') return { flags, argsStart: start };
    flags.push(word);
  }
}

/** The word at `start`; undefined where a quote in it is not closed. */
function readFlagWord(text: string, start: number): Word | undefined {
  let word = '';
  let quote: string | undefined;
  let at = start;
  for (; at < text.length; at++) {
    const character = text[at]!;
    if (character === '\\') word += text[++at] ?? '';
    else if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word += character;
    } else if (isSpace(character.charCodeAt(0))) break;
    else if (character === '"' || character === "'") quote = character;
    else word += character;
  }
  return quote === undefined ? { text: word, start, end: Math.min(at, text.length) } : undefined;
}

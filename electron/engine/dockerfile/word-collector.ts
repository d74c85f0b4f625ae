import { isSpace } from './whitespace.ts';

/** Puts words together from runs of text, some of which part at whitespace and some of which do not. */
export interface WordCollector {
  /** Adds text whose whitespace ends words. */
  addSplitting(text: string): void;
  /** Adds text that belongs to the current word whole. */
  addWhole(text: string): void;
  /** All words; empty ones are left out. */
  finish(): readonly string[];
}

/** A collector without words. */
export function createWordCollector(): WordCollector {
  const words: string[] = [];
  let word = '';

  function end(): void {
    if (word !== '') words.push(word);
    word = '';
  }

  return {
    addSplitting(text) {
      let start = 0;
      for (let at = 0; at < text.length; at++) {
        if (!isSpace(text.charCodeAt(at))) continue;
        word += text.slice(start, at);
        end();
        start = at + 1;
      }
      word += text.slice(start);
    },
    addWhole(text) {
      word += text;
    },
    finish() {
      end();
      return words;
    },
  };
}

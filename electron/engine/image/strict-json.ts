import { EngineError } from '../base/errors.ts';
import { quoteForMessage } from '../base/go-quote.ts';
import { MAX_JSON_DEPTH } from './limits.ts';

/** What a document is called in messages, and the code of the error when it is bad. */
export interface DocumentLabel {
  /** Begins the sentence: `Manifest sha256:…`, `Member index.json`. */
  readonly name: string;
  readonly code: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads JSON that decides what an image is. Refused with the label's code: bytes that are no UTF-8, deep nesting, and an
 * object that names a key twice, because readers differ in which of the two counts.
 */
export function parseStrictJson(bytes: Uint8Array, label: DocumentLabel): unknown {
  const text = decode(bytes, label);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new EngineError(label.code, `${label.name} is not valid JSON.`, { cause });
  }
  checkKeys(text, label);
  return value;
}

function decode(bytes: Uint8Array, label: DocumentLabel): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new EngineError(label.code, `${label.name} is not UTF-8 text.`, { cause });
  }
}

/** One pass over text that is known to be valid JSON. */
function checkKeys(text: string, label: DocumentLabel): void {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : undefined);
      if (open.length > MAX_JSON_DEPTH) {
        throw new EngineError(label.code, `${label.name} is nested more than ${MAX_JSON_DEPTH} levels deep.`);
      }
    } else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = stringEnd(text, at);
      const keys = open.at(-1);
      if (keys && isBeforeColon(text, end)) {
        const key = JSON.parse(text.slice(at, end)) as string;
        if (keys.has(key)) {
          throw new EngineError(label.code, `${label.name} names the key ${quoteForMessage(key)} twice.`);
        }
        keys.add(key);
      }
      at = end - 1;
    }
  }
}

function isBeforeColon(text: string, at: number): boolean {
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\r' || text[at] === '\n') at++;
  return text[at] === ':';
}

/** The index after the string that starts at `at`. */
function stringEnd(text: string, at: number): number {
  let end = at + 1;
  while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end + 1;
}

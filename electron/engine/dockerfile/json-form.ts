import { statementError } from './statement.ts';
import type { Statement } from './statement.ts';

/**
 * The instruction's arguments from `from` (an offset in `args.text`) as a JSON array of strings; undefined where they are
 * not valid JSON or no array, which silently makes them the shell form. Fails with DOCKERFILE_JSON where an element is no
 * string. After the Dockerfile reference, "Shell and exec form".
 */
export function readJsonWords(statement: Statement, from = 0): readonly string[] | undefined {
  const elements = parseArray(statement.args.text.slice(from));
  if (!elements) return undefined;
  if (elements.every((element) => typeof element === 'string')) {
    return elements.map((element) => element.toWellFormed());
  }
  const { start, end } = statement.args;
  throw statementError(
    statement,
    'DOCKERFILE_JSON',
    `The JSON array of ${statement.keyword} holds something that is no string.`,
    'Put every element in double quotes.',
    { start: start + from, end },
  );
}

/** Whether text is a JSON array, so that no heredoc can be in it. */
export function isJsonArray(text: string): boolean {
  return parseArray(text) !== undefined;
}

function parseArray(text: string): readonly unknown[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

import { toErrorPayload } from '../engine/base/errors.ts';
import type { ErrorPayload } from '../../shared/error-payload.ts';
import { displayText } from '../../shared/format.ts';

const CONTEXT_LINES = 2;

/**
 * An error as the terminal shows it: the last that a failed command printed, the lines of the file where there are any, one sentence
 * with file and line, and what to do. Never a stack.
 */
export function errorText(error: unknown, source?: string): string {
  const payload = toErrorPayload(error);
  const excerpt = source === undefined ? [] : sourceExcerpt(payload, source);
  return [
    ...outputExcerpt(payload),
    ...excerpt,
    `error: ${place(payload)}${displayText(payload.message)}`,
    ...(payload.hint === undefined ? [] : [`  hint: ${displayText(payload.hint)}`]),
  ].join('\n');
}

function outputExcerpt({ command }: ErrorPayload): readonly string[] {
  if (command === undefined || command.lastLines.length === 0) return [];
  return ['The last lines of the output:', ...command.lastLines.map((line) => `  ${displayText(line)}`), ''];
}

function place({ file, range, message }: ErrorPayload): string {
  // A sentence about the file as a whole names it.
  if (file === undefined || (range === undefined && message.includes(file))) return '';
  return range === undefined ? `${displayText(file)}: ` : `${displayText(file)}:${range.startLine}: `;
}

function sourceExcerpt({ range }: ErrorPayload, source: string): readonly string[] {
  if (range === undefined) return [];
  const lines = source.split(/\r?\n/);
  if (range.startLine > lines.length) return [];
  const first = Math.max(1, range.startLine - CONTEXT_LINES);
  const last = Math.min(lines.length, range.endLine + CONTEXT_LINES, range.startLine + 20);
  const width = String(last).length;
  const shown: string[] = [];
  for (let number = first; number <= last; number++) {
    const marked = number >= range.startLine && number <= range.endLine;
    shown.push(
      `${marked ? '>' : ' '} ${String(number).padStart(width)} | ${displayText(lines[number - 1]!, 200)}`,
    );
  }
  return [...shown, ''];
}

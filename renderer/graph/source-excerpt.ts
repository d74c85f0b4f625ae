import type { SourceRange } from '../../shared/source-range.ts';

export interface SourceLine {
  readonly number: number;
  /** The line in three parts; `marked` is empty where the range does not touch it. */
  readonly before: string;
  readonly marked: string;
  readonly after: string;
  readonly inRange: boolean;
}

/** The lines a range covers and up to `around` on each side, with the range's part of each marked. At most 40 lines of the range. */
export function sourceExcerpt(source: string, range: SourceRange, around = 2): readonly SourceLine[] {
  const lines = source.split(/\r?\n/);
  const first = Math.max(1, range.startLine - around);
  const last = Math.min(lines.length, Math.min(range.endLine, range.startLine + 39) + around);
  const excerpt: SourceLine[] = [];
  for (let number = first; number <= last; number++) {
    const text = lines[number - 1] ?? '';
    const inRange = number >= range.startLine && number <= range.endLine;
    const indent = text.length - text.trimStart().length;
    const start = !inRange ? 0 : number === range.startLine ? range.startColumn - 1 : indent;
    const end = !inRange ? 0 : number === range.endLine ? range.endColumn - 1 : text.length;
    // A range of no width still has to be seen: it marks the rest of its line.
    const to = inRange && end <= start ? text.length : end;
    excerpt.push({
      number,
      before: text.slice(0, start),
      marked: text.slice(start, to),
      after: text.slice(Math.max(start, to)),
      inRange,
    });
  }
  return excerpt;
}

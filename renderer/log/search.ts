import { plainText } from './ansi.ts';
import type { LogRow } from './log-rows.ts';

/** Indexes of the rows that hold `query`, upper and lower case alike; none for an empty query. */
export function findRows(rows: readonly LogRow[], query: string): readonly number[] {
  const wanted = query.toLowerCase();
  if (wanted === '') return [];
  return rows.flatMap((row, index) => (plainText(row.text).toLowerCase().includes(wanted) ? [index] : []));
}

/** The match after (or before, with a negative `step`) position `current` in the list of matches, round and round; -1 where there is none. */
export function nextMatch(matches: readonly number[], current: number, step: 1 | -1): number {
  if (matches.length === 0) return -1;
  if (current < 0) return step > 0 ? 0 : matches.length - 1;
  return (current + step + matches.length) % matches.length;
}

/** Rows as a text file has them. */
export function rowsAsText(rows: readonly LogRow[]): string {
  return rows.map((row) => `${plainText(row.text)}\n`).join('');
}

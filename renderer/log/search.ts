import { plainText, type AnsiSpan } from './ansi.ts';
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

/** The spans of a line, cut so that what `query` finds is in spans of its own, which have `hit` set. */
export function markHits(
  spans: readonly AnsiSpan[],
  query: string,
): readonly (AnsiSpan & { readonly hit: boolean })[] {
  const wanted = query.toLowerCase();
  const text = spans
    .map((span) => span.text)
    .join('')
    .toLowerCase();
  const cuts: number[] = [];
  for (
    let at = wanted === '' ? -1 : text.indexOf(wanted);
    at >= 0;
    at = text.indexOf(wanted, at + wanted.length)
  )
    cuts.push(at, at + wanted.length);
  let start = 0;
  return spans.flatMap((span) => {
    const end = start + span.text.length;
    const edges = [...new Set([start, ...cuts.filter((cut) => cut > start && cut < end), end])];
    const parts = edges.slice(1).map((to, index) => {
      const from = edges[index]!;
      // Between an odd and an even cut lies a hit.
      const hit = cuts.filter((cut) => cut <= from).length % 2 === 1;
      return { ...span, text: span.text.slice(from - start, to - start), hit };
    });
    start = end;
    return parts;
  });
}

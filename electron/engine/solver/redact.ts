import type { MissReason } from '../../../shared/miss-reason.ts';

/** Below this a value would be found in everything. */
export const SHORTEST_SECRET = 4;
const HIDDEN = '•••';

/** The reason with every occurrence of these values, wherever it is, made unreadable. */
export function redact(reason: MissReason, secrets: Iterable<string>): MissReason {
  const values = [...new Set(secrets)]
    .filter((value) => value.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);
  if (values.length === 0) return reason;
  return mapTexts(reason, (text) =>
    values.reduce((rest, value) => rest.replaceAll(value, HIDDEN), text),
  ) as MissReason;
}

/** Members that are ours, not text from outside. */
const OURS = new Set(['kind', 'word', 'change', 'what', 'how', 'step', 'digest']);

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, OURS.has(name) ? member : mapTexts(member, change)]),
  );
}

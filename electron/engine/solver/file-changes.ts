import {
  MOST_FILES,
  type FileAspect,
  type FileChange,
  type FileChanges,
} from '../../../shared/miss-reason.ts';

/** Longest name that a reason shows, in UTF-16 units. */
const LONGEST_NAME = 500;

export interface FileChangesInput {
  /** Lines of ops/copy-key.ts. */
  readonly before: string;
  readonly after: string;
}

/** Worker job `explain.files`. */
export function fileChangesJob({ before, after }: FileChangesInput): FileChanges {
  return fileChanges(before, after);
}

/**
 * What differs between two lists of selected files, as ops/copy-key.ts writes them. What both begin and end with costs no more than
 * comparing it. Lines that are no such lines are a change of content.
 */
export function fileChanges(before: string, after: string): FileChanges {
  const rest = differingLines({ before, after });
  const gone = linesByName(rest.before);
  const came = linesByName(rest.after);
  const changes: FileChange[] = [];
  const counts = { all: 0, added: 0, removed: 0 };
  const note = (make: () => FileChange): void => {
    if (++counts.all <= MOST_FILES) changes.push(make());
  };
  for (const [name, line] of came) {
    const earlier = gone.get(name);
    if (earlier === line) continue;
    if (earlier === undefined) counts.added++;
    note(() => (earlier !== undefined ? changed(earlier, line) : { path: shown(line), what: ['added'] }));
  }
  for (const [name, line] of gone) {
    if (came.has(name)) continue;
    counts.removed++;
    note(() => ({ path: shown(line), what: ['removed'] }));
  }
  return { changes, more: counts.all - changes.length, added: counts.added, removed: counts.removed };
}

/**
 * What is left of both texts without the whole lines that they begin and end with alike: all that has to be looked at. Costs little
 * even for long lists, since texts are compared a piece at a time.
 */
export function differingLines({ before: a, after: b }: FileChangesInput): FileChangesInput {
  const most = Math.min(a.length, b.length);
  let start = alike(most, (from, to) => a.slice(from, to) === b.slice(from, to));
  start = a.lastIndexOf('\n', start - 1) + 1;
  const end = alike(
    most - start,
    (from, to) => a.slice(a.length - to, a.length - from) === b.slice(b.length - to, b.length - from),
  );
  // On to where a line begins in both.
  const next = end === 0 ? -1 : a.indexOf('\n', a.length - end);
  const kept = next < 0 ? 0 : a.length - (next + 1);
  return { before: a.slice(start, a.length - kept), after: b.slice(start, b.length - kept) };
}

const PIECE = 8192;

/** How much is the same at one end: whole pieces first, then by halves. */
function alike(most: number, same: (from: number, to: number) => boolean): number {
  let length = 0;
  while (length < most && same(length, Math.min(most, length + PIECE)))
    length = Math.min(most, length + PIECE);
  for (let step = PIECE / 2; step >= 1; step /= 2)
    if (length + step <= most && same(length, length + step)) length += step;
  return length;
}

/** A name may stand several times, once below each source; the first, second … of both lists belong together. */
function linesByName(text: string): Map<string, string> {
  const lines = new Map<string, string>();
  const seen = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const name = nameOf(line);
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    lines.set(count === 0 ? name : `${name}\n${count}`, line);
  }
  return lines;
}

/** The name as it is written, in its quotes: of a hundred thousand lines only the first few are ever parsed. */
function nameOf(line: string): string {
  return /^\["(?:[^"\\]|\\.)*"/.exec(line)?.[0] ?? line;
}

function fieldsOf(line: string): readonly unknown[] {
  try {
    const fields: unknown = JSON.parse(line);
    return Array.isArray(fields) ? fields : [line];
  } catch {
    return [line];
  }
}

/** The folder that is copied is `/`, which no entry can be called; people call it `.`. */
function shown(line: string): string {
  const fields = fieldsOf(line);
  const name = fields[0] === '/' ? '.' : String(fields[0]);
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

/** In the order of ops/copy-key.ts: name, type, mode, owner, group, size, digest, link, device, extended attributes. */
function changed(before: string, after: string): FileChange {
  const [a, b] = [fieldsOf(before), fieldsOf(after)];
  const same = (...indexes: readonly number[]): boolean =>
    indexes.every((index) => JSON.stringify(a[index] ?? null) === JSON.stringify(b[index] ?? null));
  const path = shown(after);
  if (!same(1)) return { path, what: ['type'], before: String(a[1]), after: String(b[1]) };
  const what: FileAspect[] = [];
  if (!same(5, 6)) what.push('content');
  if (!same(2)) what.push('mode');
  if (!same(3, 4)) what.push('owner');
  if (!same(7)) what.push('link');
  if (!same(8)) what.push('device');
  if (!same(9)) what.push('attributes');
  if (what.length !== 1) return { path, what: what.length === 0 ? ['content'] : what };
  const [only] = what;
  const values = (show: (fields: readonly unknown[]) => string): FileChange => ({
    path,
    what,
    before: clip(show(a)),
    after: clip(show(b)),
  });
  if (only === 'mode') return values((fields) => String(fields[2]).padStart(4, '0'));
  if (only === 'owner') return values((fields) => `${String(fields[3])}:${String(fields[4])}`);
  if (only === 'link') return values((fields) => String(fields[7] ?? ''));
  return { path, what };
}

function clip(text: string): string {
  return text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME)}…` : text;
}

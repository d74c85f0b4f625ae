import type { CharacterClass, Glob, Piece, Unit } from './glob-syntax.ts';

/**
 * Compiles a glob to a test of whole paths. The time is bounded by path × pattern whatever they hold: the matcher follows
 * all positions it can be at, piece by piece, and never goes back. Texts that must be in the path are looked for first,
 * so that a path that does not match mostly costs one or two native comparisons.
 */
export function globMatcher({ pieces, open }: Glob): (path: string) => boolean {
  const only = pieces.length === 1 ? soleText(pieces[0]!) : undefined;
  if (only !== undefined) return open ? (path) => path.startsWith(only) : (path) => path === only;

  const units = pieces.flatMap((piece) => piece.units);
  const first = pieces[0]!.units[0];
  const last = pieces.at(-1)!.units.at(-1);
  const prefix = typeof first === 'string' ? first : '';
  const suffix = !open && typeof last === 'string' ? last : '';
  const inner = units.slice(prefix === '' ? 0 : 1, suffix === '' ? undefined : -1);
  const needle = inner.reduce<string>(
    (longest, unit) => (typeof unit === 'string' && unit.length > longest.length ? unit : longest),
    '',
  );
  const shortest = units.reduce((sum: number, unit) => sum + (typeof unit === 'string' ? unit.length : 1), 0);
  return (path) =>
    path.length >= shortest &&
    path.endsWith(suffix) &&
    path.startsWith(prefix) &&
    (needle === '' || path.includes(needle)) &&
    follow(pieces, open, path);
}

function soleText({ units }: Piece): string | undefined {
  if (units.length === 0) return '';
  return units.length === 1 && typeof units[0] === 'string' ? units[0] : undefined;
}

function follow(pieces: readonly Piece[], open: boolean, path: string): boolean {
  let at: readonly number[] = [0];
  for (let i = 0; i < pieces.length && at.length > 0; i++) {
    const piece = pieces[i]!;
    const next = pieces[i + 1];
    if (piece.gap === 'star') {
      // Where another star follows, the leftmost place in an element reaches all that the later ones do, but for a piece
      // that may or may not take the element's end along.
      at = afterStar(piece.units, at, path, next?.gap === 'star' && !piece.units.some(mayTakeSlash));
    } else {
      at = afterFixed(piece.units, piece.gap === 'dirs' ? withDirs(at, path) : at, path);
    }
  }
  return open ? at.length > 0 : at.at(-1) === path.length;
}

function afterFixed(units: readonly Unit[], starts: readonly number[], path: string): number[] {
  const ends: number[] = [];
  for (const start of starts) {
    const end = endOf(units, path, start);
    if (end >= 0) ends.push(end);
  }
  return ends;
}

function afterStar(
  units: readonly Unit[],
  starts: readonly number[],
  path: string,
  firstOnly: boolean,
): number[] {
  const ends: number[] = [];
  const head = units[0];
  let scanned = -1;
  for (const start of starts) {
    if (start <= scanned) continue;
    const slash = path.indexOf('/', start);
    scanned = slash < 0 ? path.length : slash;
    for (let from = start; from <= scanned; from++) {
      if (typeof head === 'string') {
        from = path.indexOf(head, from);
        if (from < 0 || from > scanned) break;
      }
      if (isInsidePair(path, from)) continue;
      const end = endOf(units, path, from);
      if (end < 0) continue;
      ends.push(end);
      if (firstOnly) break;
    }
  }
  return ends;
}

/** The places, and all places after a later slash, in order. */
function withDirs(starts: readonly number[], path: string): number[] {
  const places: number[] = [];
  let next = 0;
  for (let slash = path.indexOf('/', starts[0]!); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    while (next < starts.length && starts[next]! <= slash) places.push(starts[next++]!);
    if (starts[next] === slash + 1) next++;
    places.push(slash + 1);
  }
  while (next < starts.length) places.push(starts[next++]!);
  return places;
}

/** Where the units end if they lie at `at`; -1 if they do not. */
function endOf(units: readonly Unit[], path: string, at: number): number {
  for (const unit of units) {
    if (typeof unit === 'string') {
      if (!path.startsWith(unit, at)) return -1;
      at += unit.length;
      continue;
    }
    const code = path.codePointAt(at);
    if (code === undefined || !(unit === null ? code !== SLASH : inClass(unit, code))) return -1;
    at += code > 0xffff ? 2 : 1;
  }
  return at;
}

const SLASH = 0x2f;

function mayTakeSlash(unit: Unit): boolean {
  return unit !== null && typeof unit === 'object' && inClass(unit, SLASH);
}

function inClass({ negated, ranges }: CharacterClass, code: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) {
    if (code >= ranges[i]! && code <= ranges[i + 1]!) return !negated;
  }
  return negated;
}

/** A place between the two halves of one character is no place. */
function isInsidePair(path: string, at: number): boolean {
  if (at === 0 || at >= path.length) return false;
  const unit = path.charCodeAt(at);
  if (unit < 0xdc00 || unit > 0xdfff) return false;
  const before = path.charCodeAt(at - 1);
  return before >= 0xd800 && before <= 0xdbff;
}

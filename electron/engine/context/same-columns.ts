import { RECENT, type ContextColumns } from './columns.ts';

const NUMBERS = [
  'nameEnds',
  'parents',
  'kinds',
  'modes',
  'linked',
  'sizes',
  'mtimes',
  'ctimes',
  'devices',
  'inodes',
  'names',
] as const;

/**
 * Whether two walks found the very same: no file was touched between them. Never says so where a file of the first was read
 * so shortly after a change that another one may not show.
 */
export function sameColumns(a: ContextColumns, b: ContextColumns): boolean {
  if (a.known.includes(RECENT)) return false;
  if (a.count !== b.count || a.targets.size !== b.targets.size) return false;
  for (const column of NUMBERS) if (!sameBytes(a[column], b[column])) return false;
  for (const [row, target] of a.targets) if (b.targets.get(row) !== target) return false;
  return true;
}

function sameBytes(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  );
}

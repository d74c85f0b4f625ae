import { createBreather } from '../../base/breather.ts';
import type { StoreContext } from '../context.ts';
import type { KeyPart } from '../store.ts';
import type { RecordFact } from './facts.ts';
import type { Families } from './gather-families.ts';

/** Rows read at a time, so that the event loop is not held for long. */
const PAGE = 200;
const DIGEST = /sha256:([0-9a-f]{64})/g;

/** All cache records, and the number of the newest. */
export async function gatherRecords(
  { db }: StoreContext,
  families: Families,
  signal?: AbortSignal,
): Promise<{ readonly records: readonly RecordFact[]; readonly lastRecord: number }> {
  const breathe = createBreather();
  const found: (RecordFact & { readonly seq: number })[] = [];
  let last = 0;
  for (;;) {
    signal?.throwIfAborted();
    const rows = db.all<{
      seq: number;
      key: string;
      step: string;
      parts: string;
      layer: string | null;
      used_at: number;
    }>(
      'SELECT seq, key, step, parts, layer, used_at FROM cache WHERE seq > ? ORDER BY seq LIMIT ?',
      last,
      PAGE,
    );
    if (rows.length === 0) break;
    for (const { seq, key, step, parts, layer, used_at } of rows) {
      await breathe();
      last = seq;
      found.push({
        ...{ seq, key, step, usedAt: used_at },
        name: nameOf(parts) ?? step,
        family: layer === null ? undefined : families.of(layer),
        isLeased: layer !== null && families.isLeased(layer),
        inputs: inputsIn(parts),
      });
    }
  }
  found.sort((a, b) => a.usedAt - b.usedAt || b.seq - a.seq);
  return { records: found, lastRecord: last };
}

/** Hex digests that the parts of a key name; some of them are lists of files. */
export function inputsIn(parts: string): readonly string[] {
  return [...parts.matchAll(DIGEST)].map(([, hex]) => hex!);
}

function nameOf(parts: string): string | undefined {
  return (JSON.parse(parts) as readonly KeyPart[]).find(({ kind }) => kind === 'operation')?.name;
}

import { digestOf, type Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import type { StoreContext } from './context.ts';
import { CREATE, fileSize, READ, withFile, writeAll } from './durable-fs.ts';
import { addGarbage } from './garbage.ts';
import { findLayer } from './layer-records.ts';
import { settle } from './leases.ts';
import { noteRemoved } from './removed-records.ts';
import { guarded } from './store-error.ts';
import type { CacheRecord, CacheStore, KeyPart, LayerStore } from './store.ts';
import { createTouches } from './touches.ts';

interface CacheRow {
  readonly key: Digest;
  readonly step: string;
  readonly parts: string;
  readonly layer: Digest | null;
  readonly result: string | null;
  readonly created_at: string;
}

/** The cache store, and what is due before a clean-up and when the store closes. */
export interface InnerCacheStore extends CacheStore {
  /** Writes what {@link CacheStore.touch} gathered. */
  flush(): void;
}

/**
 * The cache records. A record whose layer is gone or damaged is not found, so that the step runs again. `put` fails with
 * LAYER_MISSING where its layer was never recorded. Nothing here waits for the disk: a power cut may cost the latest records,
 * never more than that.
 */
export function createCacheStore(context: StoreContext, layers: LayerStore): InnerCacheStore {
  const { db, layout, fs } = context;
  const touches = createTouches<Digest>(context, (key, now) =>
    db.run('UPDATE cache SET used_at = ? WHERE key = ?', now, key),
  );

  return {
    get: (key) => {
      const row = db.get<CacheRow>('SELECT * FROM cache WHERE key = ?', key);
      if (row === undefined || (row.layer !== null && layers.get(row.layer) === undefined)) return undefined;
      return fromRow(row);
    },
    find: (keys) =>
      keys.flatMap((key) => {
        const row = db.get<CacheRow>('SELECT * FROM cache WHERE key = ?', key);
        return row === undefined ? [] : [fromRow(row)];
      }),
    put: (record) => {
      const { key, step, parts, layer = null, result = null, createdAt } = record;
      db.relaxed(() => {
        const found = layer === null ? undefined : findLayer(db, layer);
        if (layer !== null && found === undefined) {
          throw new EngineError('LAYER_MISSING', `Layer ${layer} is not in the store.`);
        }
        const earlier = db.get<CacheRow>('SELECT * FROM cache WHERE key = ?', key)?.layer;
        const values = [key, step, JSON.stringify(parts), layer, result, createdAt, context.clock()];
        db.run(
          'INSERT OR REPLACE INTO cache (key, step, parts, layer, result, created_at, used_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
          ...values,
        );
        db.run('DELETE FROM removed_records WHERE key = ?', key);
        if (earlier && earlier !== layer) addGarbage(db, [earlier]);
        if (found !== undefined) settle(context, [found.diffId, found.blob.digest]);
      });
    },
    remove: (keys) =>
      db.relaxed(() => {
        for (const key of keys) {
          const row = db.get<CacheRow>('SELECT * FROM cache WHERE key = ?', key);
          if (row === undefined) continue;
          db.run('DELETE FROM cache WHERE key = ?', key);
          noteRemoved(db, [key], context.clock());
          if (row.layer !== null) addGarbage(db, [row.layer]);
        }
      }),
    removedAt: (key) =>
      db.get<{ removed_at: number }>('SELECT removed_at FROM removed_records WHERE key = ?', key)?.removed_at,
    history: (step, limit) =>
      db
        .all<CacheRow>('SELECT * FROM cache WHERE step = ? ORDER BY seq DESC LIMIT ?', step, limit)
        .map(fromRow),
    putInputs: (digest, lines) =>
      guarded(layout.root, async () => {
        const data = Buffer.from(lines);
        if (digestOf(data) !== digest) throw new Error(`These inputs are not ${digest}.`);
        if (fileSize(fs, layout.input(digest)) === data.length) return;
        const path = context.temporaryPath();
        try {
          await withFile(fs, path, CREATE, (file) => writeAll(file, data));
          await fs.rename(path, layout.input(digest));
        } catch (error) {
          await fs.unlink(path).catch(() => undefined);
          throw error;
        }
      }),
    getInputs: (digest) => guarded(layout.root, () => readInputs(context, digest)),
    touch: touches.add,
    flush: touches.flush,
  };
}

/** Undefined where the list is gone or is not what its name says; it was not waited for on disk. */
async function readInputs({ fs, layout, db }: StoreContext, digest: Digest): Promise<string | undefined> {
  const path = layout.input(digest);
  if (fileSize(fs, path) === undefined) return undefined;
  const data = await withFile(fs, path, READ, async (file) => {
    const chunks: Buffer[] = [];
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(1 << 20), 0, 1 << 20, null);
      if (bytesRead === 0) return Buffer.concat(chunks);
      chunks.push(buffer.subarray(0, bytesRead));
    }
  });
  if (digestOf(data) === digest) return data.toString('utf8');
  if (!db.readonly) await fs.unlink(path);
  return undefined;
}

function fromRow(row: CacheRow): CacheRecord {
  return {
    key: row.key,
    step: row.step,
    parts: JSON.parse(row.parts) as readonly KeyPart[],
    ...(row.layer === null ? {} : { layer: row.layer }),
    ...(row.result === null ? {} : { result: row.result }),
    createdAt: row.created_at,
  };
}

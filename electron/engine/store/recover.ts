import { digestOf, type Digest } from '../base/digest.ts';
import { MAX_DOCUMENT } from '../image/limits.ts';
import type { Descriptor } from '../image/oci.ts';
import type { StoreContext } from './context.ts';
import { fileSize } from './durable-fs.ts';
import { partsOfConfig, partsOfManifest, recordImage } from './image-records.ts';
import { parseIndex } from './index-json.ts';
import { recoverLayers } from './layer-records.ts';
import { currentRevision, getMeta, setTag, writeIndex } from './tags.ts';

const MAX_INDEX = 64 * 1024 * 1024;

/**
 * Brings index.json and the database together again, at open and alone. They differ when a process died between replacing
 * the file and ending its transaction, when the database or its log was lost, or when another tool wrote the file:
 *
 * - the file is one or more revisions ahead: the database is made to say what the file says;
 * - the same revision: images that the file has and the database has not were put there by another tool and are adopted;
 * - the file is older, torn or gone: it is written again.
 *
 * An entry whose manifest, config or layers are not whole is not taken over; the file is then kept beside the new one.
 */
export function reconcile(context: StoreContext): void {
  const { db, layout } = context;
  const text = readIndex(context);
  if (text !== undefined && digestOf(text) === getMeta(db, 'index')) return;
  db.transaction(() => {
    const revision = currentRevision(db);
    const index = text === undefined ? undefined : parseIndex(text);
    const usable = index !== undefined && index.revision >= revision ? index : undefined;
    const ahead = usable !== undefined && usable.revision > revision;
    const named = new Set<string>();
    let lost = text !== undefined && index === undefined;
    for (const { descriptor, reference } of usable?.entries ?? []) {
      if (reference !== undefined) named.add(reference);
      if (!adoptImage(context, descriptor)) lost = true;
      else if (reference !== undefined && (ahead || !hasTag(context, reference)))
        setTag(context, reference, descriptor);
    }
    if (ahead) {
      for (const { reference } of db.all<{ reference: string }>('SELECT reference FROM tags')) {
        if (!named.has(reference)) db.run('DELETE FROM tags WHERE reference = ?', reference);
      }
    }
    if (ahead || revision < 0) recoverLayers(context);
    if (lost) context.fs.renameSync(layout.index, `${layout.index}.kept-${context.clock()}`);
    writeIndex(context, Math.max(revision, usable?.revision ?? 0) + 1);
  });
}

function readIndex({ layout, fs }: StoreContext): string | undefined {
  const size = fileSize(fs, layout.index);
  return size === undefined || size > MAX_INDEX ? undefined : fs.readFileSync(layout.index, 'utf8');
}

function hasTag({ db }: StoreContext, reference: string): boolean {
  return db.get('SELECT 1 FROM tags WHERE reference = ?', reference) !== undefined;
}

/** Records the image that a descriptor names; false where it is not whole. What made it is not known any more. */
function adoptImage(context: StoreContext, descriptor: Descriptor): boolean {
  const { db, fs, layout } = context;
  if (db.get('SELECT 1 FROM images WHERE manifest = ?', descriptor.digest) !== undefined) return true;
  try {
    const parts = partsOfManifest(readVerified(context, descriptor.digest), descriptor.digest);
    const { diffIds, createdAt } = partsOfConfig(readVerified(context, parts.config.digest), parts);
    const image = {
      descriptor,
      config: parts.config.digest,
      createdAt,
      storedAt: new Date(context.clock()).toISOString(),
      origin: 'loaded' as const,
    };
    recordImage(db, image, parts, diffIds, (digest, size) => fileSize(fs, layout.blob(digest)) === size);
    return true;
  } catch {
    return false;
  }
}

function readVerified({ layout, fs }: StoreContext, digest: Digest): Buffer {
  const path = layout.blob(digest);
  const size = fileSize(fs, path);
  if (size === undefined || size > MAX_DOCUMENT) throw new Error(`${path} is not there, or too large.`);
  const data = fs.readFileSync(path);
  if (digestOf(data) !== digest) throw new Error(`${path} is damaged.`);
  return data;
}

import { EngineError } from '../base/errors.ts';
import { normalizeReference } from '../image/reference.ts';
import type { Descriptor } from '../image/oci.ts';
import type { StoreContext } from './context.ts';
import { guarded } from './store-error.ts';
import type { ReferenceStore } from './store.ts';
import { changeTags, setTag } from './tags.ts';

interface TagRow {
  readonly reference: string;
  readonly descriptor: string;
  readonly updated_at: string;
}

/**
 * The references. `set` fails with REFERENCE_INVALID for one that is not in full form, and with IMAGE_MISSING where the
 * store does not keep that image. Setting what is set already writes nothing.
 */
export function createReferenceStore(context: StoreContext): ReferenceStore {
  const { db } = context;

  function get(reference: string): Descriptor | undefined {
    const row = db.get<TagRow>('SELECT * FROM tags WHERE reference = ?', reference);
    return row && (JSON.parse(row.descriptor) as Descriptor);
  }

  return {
    get,
    list: () =>
      db.all<TagRow>('SELECT * FROM tags ORDER BY reference').map((row) => ({
        reference: row.reference,
        descriptor: JSON.parse(row.descriptor) as Descriptor,
        updatedAt: row.updated_at,
      })),
    set: (references, descriptor) =>
      guarded(context.layout.root, async () => {
        references.forEach(checkFull);
        let before: readonly (Descriptor | undefined)[] = [];
        changeTags(context, () => {
          if (db.get('SELECT 1 FROM images WHERE manifest = ?', descriptor.digest) === undefined) {
            throw new EngineError('IMAGE_MISSING', `Image ${descriptor.digest} is not in the store.`);
          }
          before = references.map(get);
          const changed = references.filter(
            (_, i) => JSON.stringify(before[i]) !== JSON.stringify(descriptor),
          );
          for (const reference of changed) setTag(context, reference, descriptor);
          return changed.length > 0;
        });
        return before;
      }),
    remove: (references) =>
      guarded(context.layout.root, async () => {
        let removed = 0;
        changeTags(context, () => {
          for (const reference of references)
            removed += db.run('DELETE FROM tags WHERE reference = ?', reference);
          return removed > 0;
        });
        return removed;
      }),
  };
}

function checkFull(reference: string): void {
  if (normalizeReference(reference) === reference) return;
  throw new EngineError(
    'REFERENCE_INVALID',
    `Image reference ${JSON.stringify(reference)} is not in full form.`,
  );
}

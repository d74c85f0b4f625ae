import type { Digest } from '../base/digest.ts';
import { EngineError } from '../base/errors.ts';
import { MAX_DOCUMENT } from '../image/limits.ts';
import type { Descriptor } from '../image/oci.ts';
import type { InnerContentStore } from './content-store.ts';
import type { StoreContext } from './context.ts';
import { collectGarbage } from './garbage.ts';
import { forgetImage, partsOfConfig, partsOfManifest, reachOf, recordImage } from './image-records.ts';
import { settle } from './leases.ts';
import { withReserve } from './reserve.ts';
import { guarded } from './store-error.ts';
import type { ImageStore, StoredImage } from './store.ts';
import { changeTags } from './tags.ts';

interface ImageRow {
  readonly descriptor: string;
  readonly config: Digest;
  readonly created_at: string | null;
  readonly stored_at: string;
  readonly build_id: string | null;
  readonly origin: StoredImage['origin'];
}

/**
 * The images. `put` reads manifest and config, and fails with IMAGE_INVALID or IMAGE_INCOMPLETE where they do not make a
 * whole image; an image that is there already keeps its row. `remove` fails with IMAGE_MISSING. It keeps the layers that
 * cache records still use, so that building again is a matter of cache hits, and those that a lease holds; `freed` counts
 * the bytes of blobs really deleted, leftovers of earlier work among them.
 */
export function createImageStore(context: StoreContext, blobs: InnerContentStore): ImageStore {
  const { db, layout, fs } = context;

  function forget(manifest: Digest): void {
    changeTags(context, () => {
      const tags = db.run('DELETE FROM tags WHERE manifest = ?', manifest);
      if (!forgetImage(db, manifest)) {
        throw new EngineError('IMAGE_MISSING', `Image ${manifest} is not in the store.`);
      }
      return tags > 0;
    });
  }

  return {
    list: () => db.all<ImageRow>('SELECT * FROM images ORDER BY stored_at DESC, manifest').map(fromRow),
    get: (manifest) => {
      const row = db.get<ImageRow>('SELECT * FROM images WHERE manifest = ?', manifest);
      return row && fromRow(row);
    },
    put: (image) =>
      guarded(layout.root, async () => {
        const { digest } = image.descriptor;
        const parts = partsOfManifest(await blobs.read(digest, MAX_DOCUMENT), digest);
        if (parts.config.digest !== image.config) {
          throw new EngineError(
            'IMAGE_INVALID',
            `Manifest ${digest} names another config than ${image.config}.`,
          );
        }
        const { diffIds } = partsOfConfig(await blobs.read(image.config, MAX_DOCUMENT), parts);
        const known = db.get('SELECT 1 FROM images WHERE manifest = ?', digest) !== undefined;
        const write = (): void => {
          recordImage(db, image, parts, diffIds, blobs.hasSized);
          settle(context, reachOf(image.descriptor, parts, diffIds));
        };
        if (known) db.relaxed(write);
        else db.transaction(write);
      }),
    remove: async (manifest) => {
      await withReserve(layout, fs, () => guarded(layout.root, async () => forget(manifest)));
      return {
        freed: await withReserve(layout, fs, () => guarded(layout.root, () => collectGarbage(context))),
      };
    },
  };
}

function fromRow(row: ImageRow): StoredImage {
  return {
    descriptor: JSON.parse(row.descriptor) as Descriptor,
    config: row.config,
    createdAt: row.created_at ?? undefined,
    storedAt: row.stored_at,
    ...(row.build_id === null ? {} : { buildId: row.build_id }),
    origin: row.origin,
  };
}

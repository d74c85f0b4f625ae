import { isDigest, type Digest } from '../base/digest.ts';
import type { Layer } from '../layer/layer.ts';
import type { StoreContext } from './context.ts';
import type { StoreDatabase } from './database.ts';
import { fileSize, READ } from './durable-fs.ts';
import { decodeTocHeader, MAX_TOC_HEADER } from './toc-file.ts';

/** The layer's row; whether its files are there is not looked at. */
export function findLayer(db: StoreDatabase, diffId: Digest): Layer | undefined {
  const row = db.get<{
    content_digest: Digest;
    blob_digest: Digest;
    blob_size: number;
    media_type: string;
    size: number;
    created_at: string;
  }>('SELECT * FROM layers WHERE diff_id = ?', diffId);
  if (row === undefined) return undefined;
  return {
    diffId,
    contentDigest: row.content_digest,
    blob: { digest: row.blob_digest, size: row.blob_size, mediaType: row.media_type },
    size: row.size,
    createdAt: row.created_at,
  };
}

/** Writes the layer's row in place of an earlier one. Inside a transaction. */
export function recordLayer(
  db: StoreDatabase,
  { diffId, contentDigest, blob, size, createdAt }: Layer,
): void {
  db.run(
    'INSERT OR REPLACE INTO layers VALUES (?, ?, ?, ?, ?, ?, ?)',
    ...[diffId, contentDigest, blob.digest, blob.size, blob.mediaType, size, createdAt],
  );
}

/**
 * Makes the rows again that are missing for layers whose table of contents and blob are still on disk. Inside a
 * transaction, at open, after the database was lost. The tables themselves are verified when they are read.
 */
export function recoverLayers(context: StoreContext): void {
  const { db, fs, layout } = context;
  for (const name of fs.readdirSync(layout.tocs)) {
    const diffId = `sha256:${name}`;
    if (!isDigest(diffId) || findLayer(db, diffId) !== undefined) continue;
    const layer = decodeTocHeader(readStart(context, layout.toc(diffId)), diffId)?.layer;
    if (layer !== undefined && fileSize(fs, layout.blob(layer.blob.digest)) === layer.blob.size)
      recordLayer(db, layer);
  }
}

function readStart({ fs }: StoreContext, path: string): Buffer {
  const buffer = Buffer.alloc(MAX_TOC_HEADER);
  const fd = fs.openSync(path, READ);
  try {
    return buffer.subarray(0, fs.readSync(fd, buffer, 0, MAX_TOC_HEADER, 0));
  } finally {
    fs.closeSync(fd);
  }
}

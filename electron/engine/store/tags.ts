import { digestOf } from '../base/digest.ts';
import type { StoreContext } from './context.ts';
import type { StoreDatabase } from './database.ts';
import { writeFileDurablySync } from './durable-fs.ts';
import { formatIndex } from './index-json.ts';
import type { Descriptor } from '../image/oci.ts';

/** Sets a row of the database's few single values. Inside a transaction. */
export function setMeta(db: StoreDatabase, name: string, value: string): void {
  db.run('INSERT OR REPLACE INTO meta VALUES (?, ?)', name, value);
}

/** One of the database's single values. */
export function getMeta(db: StoreDatabase, name: string): string | undefined {
  return db.get<{ value: string }>('SELECT value FROM meta WHERE name = ?', name)?.value;
}

/** Changes of the tags so far; -1 in a database that has never had its index.json written. */
export function currentRevision(db: StoreDatabase): number {
  return Number(getMeta(db, 'revision') ?? -1);
}

/** Inserts or moves a tag. Inside a transaction. */
export function setTag(context: StoreContext, reference: string, descriptor: Descriptor): void {
  const { db, clock } = context;
  const values = [reference, descriptor.digest, JSON.stringify(descriptor), new Date(clock()).toISOString()];
  db.run('INSERT OR REPLACE INTO tags VALUES (?, ?, ?, ?)', ...values);
}

/**
 * Changes tags and index.json as one: `change` answers whether any tag changed, and if so the file is replaced, durably,
 * before the transaction ends. A process that dies in between leaves a file one revision ahead; the next open adopts it.
 */
export function changeTags(context: StoreContext, change: () => boolean): void {
  let replacing = false;
  try {
    context.db.transaction(() => {
      if (!change()) return;
      replacing = true;
      writeIndex(context, currentRevision(context.db) + 1);
    });
  } catch (error) {
    if (replacing) tryRestore(context);
    throw error;
  }
}

/** Writes index.json from the tags, as this revision. Inside a transaction. */
export function writeIndex(context: StoreContext, revision: number): void {
  const { db } = context;
  const text = indexText(context, revision);
  writeFileDurablySync(context.fs, context.layout.index, context.temporaryPath(), text);
  setMeta(db, 'revision', String(revision));
  setMeta(db, 'index', digestOf(text));
}

/** The transaction failed, perhaps after the file was replaced: put back what the tags say, or leave it to the next open. */
function tryRestore(context: StoreContext): void {
  try {
    context.db.relaxed(() => {
      const text = indexText(context, currentRevision(context.db));
      writeFileDurablySync(context.fs, context.layout.index, context.temporaryPath(), text);
    });
  } catch {
    // The first error is the one to report.
  }
}

function indexText({ db }: StoreContext, revision: number): string {
  const rows = db.all<{ reference: string; descriptor: string }>(
    'SELECT reference, descriptor FROM tags ORDER BY reference',
  );
  const entries = rows.map(({ reference, descriptor }) => ({
    reference,
    descriptor: JSON.parse(descriptor) as Descriptor,
  }));
  return formatIndex({ revision, entries });
}

import { join } from 'node:path';
import { digestOf, hexOf, type Digest } from '../base/digest.ts';
import type { StoreContext } from './context.ts';
import type { StoreDatabase } from './database.ts';
import { addGarbage } from './garbage.ts';
import { isAlive, parseOwner } from './owner.ts';
import { guarded } from './store-error.ts';
import type { KeptFileSystem, KeptStore } from './store.ts';

/** How many are kept in a store. */
const MOST = 10;

export interface KeptRow {
  readonly seq: number;
  readonly build_id: string;
  readonly step: string;
  readonly project: string;
  /** Its name in `kept/`. */
  readonly folder: string;
  readonly kept_at: number;
  readonly layers: string;
  readonly also_reads: string;
  readonly details: string;
  /** The open store that uses it, as in owner.ts. */
  readonly used_by: string | null;
}

/**
 * Folders in `kept/`, each with a row; a folder comes and goes in the transaction of its row. What a dead process left of one
 * without the other is swept at open.
 */
export function createKeptStore(context: StoreContext): KeptStore {
  const { db, layout, fs, owner } = context;

  return {
    put: (kept, directory) =>
      guarded(layout.root, async () => {
        fs.mkdirSync(layout.kept, { recursive: true, mode: 0o700 });
        const trash = db.transaction(() => {
          insert(db, kept);
          fs.renameSync(directory, join(layout.kept, folderOf(kept)));
          const all = db.all<KeptRow>('SELECT * FROM kept ORDER BY seq DESC');
          return dropKept(context, all.slice(MOST));
        });
        await Promise.all(trash.map((path) => fs.remove(path)));
      }),
    list: (buildId) => {
      const rows = buildId === undefined ? keptRows(db) : keptOf(db, 'build_id', buildId);
      return rows
        .map((row) => ({ ...fromRow(row), path: join(layout.kept, row.folder) }))
        .filter(({ path }) => fs.lstatSync(path, { throwIfNoEntry: false })?.isDirectory());
    },
    use: (buildId, step) =>
      db.relaxed(() => {
        const row = keptOf(db, 'build_id', buildId).find((each) => each.step === step);
        if (row === undefined || isKeptUsed(row)) return undefined;
        db.run('UPDATE kept SET used_by = ? WHERE seq = ?', owner, row.seq);
        return {
          release: () => db.relaxed(() => db.run('UPDATE kept SET used_by = NULL WHERE seq = ?', row.seq)),
        };
      }),
    removeProject: (project) =>
      guarded(layout.root, async () => {
        if (keptOf(db, 'project', project).length === 0) return;
        const trash = db.transaction(() => dropKept(context, keptOf(db, 'project', project)));
        await Promise.all(trash.map((path) => fs.remove(path)));
      }),
  };
}

/** All rows, in the order in which they were made. */
export function keptRows(db: StoreDatabase): readonly KeptRow[] {
  return db.all<KeptRow>('SELECT * FROM kept ORDER BY seq');
}

/** The rows of a build or project, in the order in which they were made. */
export function keptOf(db: StoreDatabase, column: 'build_id' | 'project', value: string): readonly KeptRow[] {
  return db.all<KeptRow>(`SELECT * FROM kept WHERE ${column} = ? ORDER BY seq`, value);
}

/**
 * Forgets those that nobody uses and moves their folders out of the way; inside a transaction, which need not wait for large
 * folders: the paths answered are to be removed after it.
 */
export function dropKept(
  { db, fs, layout, temporaryPath }: StoreContext,
  rows: readonly KeptRow[],
): readonly string[] {
  return rows
    .filter((row) => !isKeptUsed(row))
    .flatMap(({ seq, folder }) => {
      const blobs = db.all<{ digest: string }>('SELECT digest FROM kept_blobs WHERE seq = ?', seq);
      db.run('DELETE FROM kept WHERE seq = ?', seq);
      addGarbage(
        db,
        blobs.map(({ digest }) => digest),
      );
      return moveAway(join(layout.kept, folder), temporaryPath(), fs);
    });
}

/** Removes rows whose folder is gone or whose build is not known any more, and folders without a row. */
export async function sweepKept(context: StoreContext): Promise<void> {
  const { db, fs, layout } = context;
  if (fs.lstatSync(layout.kept, { throwIfNoEntry: false }) === undefined) return;
  const trash = db.transaction(() => {
    const folders = new Set(fs.readdirSync(layout.kept));
    const rows = db.all<KeptRow & { readonly known: number }>(
      'SELECT kept.*, EXISTS (SELECT 1 FROM builds WHERE id = build_id) AS known FROM kept',
    );
    const named = new Set(rows.map(({ folder }) => folder));
    const strays = [...folders].filter((name) => !named.has(name));
    return [
      ...dropKept(
        context,
        rows.filter(({ folder, known }) => known === 0 || !folders.has(folder)),
      ),
      ...strays.flatMap((name) => moveAway(join(layout.kept, name), context.temporaryPath(), fs)),
    ];
  });
  await Promise.all(trash.map((path) => fs.remove(path)));
}

function insert(db: StoreDatabase, kept: KeptFileSystem): void {
  const { buildId, step, project, keptAt, layers, alsoReads, details } = kept;
  db.run(
    `INSERT INTO kept (build_id, step, project, folder, kept_at, layers, also_reads, details)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[buildId, step, project, folderOf(kept), keptAt],
    ...[JSON.stringify(layers), JSON.stringify(alsoReads), details],
  );
  const { seq } = db.get<{ seq: number }>(
    'SELECT seq FROM kept WHERE build_id = ? AND step = ?',
    buildId,
    step,
  )!;
  for (const digest of new Set([...layers, ...alsoReads]))
    db.run('INSERT INTO kept_blobs VALUES (?, ?)', seq, digest);
}

function folderOf({ buildId, step }: Pick<KeptFileSystem, 'buildId' | 'step'>): string {
  return `${buildId}.${hexOf(digestOf(step)).slice(0, 16)}`;
}

function fromRow(row: KeptRow): KeptFileSystem {
  return {
    ...{ buildId: row.build_id, step: row.step, project: row.project, keptAt: row.kept_at },
    layers: JSON.parse(row.layers) as readonly Digest[],
    alsoReads: JSON.parse(row.also_reads) as readonly Digest[],
    details: row.details,
  };
}

/** Whether a shell is open in it, maybe in another process. */
export function isKeptUsed({ used_by }: KeptRow): boolean {
  const owner = used_by === null ? undefined : parseOwner(used_by);
  return owner !== undefined && isAlive(owner);
}

function moveAway(path: string, target: string, { lstatSync, renameSync }: StoreContext['fs']): string[] {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return [];
  renameSync(path, target);
  return [target];
}

import { join } from 'node:path';
import type { BuildSummary } from '../../../shared/build-events.ts';
import type { StoreContext } from './context.ts';
import { addGarbage, collectGarbage } from './garbage.ts';
import { sweepKept } from './kept-store.ts';
import { dropOwner } from './leases.ts';
import { bootId, isAlive, parseOwner } from './owner.ts';
import { getMeta, setMeta } from './tags.ts';

/**
 * Clears away what processes left that ended without closing the store: their leases, their ingest files, blobs that only
 * they kept, file systems of failed steps whose build
 * is not known any more, and builds that still say "running", which become "lost". Whatever a living process owns stays.
 */
export async function sweep(context: StoreContext): Promise<void> {
  const alive = createLiveness();
  sweepRows(context, alive);
  noteBoot(context);
  await sweepIngest(context, alive);
  await sweepKept(context);
  await collectGarbage(context);
  await sweepSnapshots(context);
}

/** Whether an owner lives, asked once each. */
function createLiveness(): (owner: string) => boolean {
  const known = new Map<string, boolean>();
  return (text) => {
    let alive = known.get(text);
    if (alive === undefined) {
      const owner = parseOwner(text);
      known.set(text, (alive = owner !== undefined && isAlive(owner)));
    }
    return alive;
  };
}

function sweepRows({ db }: StoreContext, alive: (owner: string) => boolean): void {
  const dead = db.all<{ owner: string }>('SELECT owner FROM owners').filter(({ owner }) => !alive(owner));
  const orphans = `owner IS NOT NULL AND owner NOT IN (SELECT owner FROM owners)`;
  if (dead.length === 0 && db.get(`SELECT 1 FROM builds WHERE ${orphans}`) === undefined) return;
  db.transaction(() => {
    for (const { owner } of dead) dropOwner(db, owner);
    for (const { id, summary } of db.all<{ id: string; summary: string }>(
      `SELECT id, summary FROM builds WHERE ${orphans}`,
    )) {
      const lost: BuildSummary = { ...(JSON.parse(summary) as BuildSummary), outcome: 'lost' };
      db.run('UPDATE builds SET owner = NULL, summary = ? WHERE id = ?', JSON.stringify(lost), id);
    }
  });
}

/**
 * Leases are not waited for on disk, so a power cut may leave blobs that nothing in the database knows. At the first open
 * after a boot every blob is therefore looked at once.
 */
function noteBoot({ db, fs, layout }: StoreContext): void {
  const boot = bootId();
  const last = getMeta(db, 'boot');
  if (last === boot) return;
  const names =
    last === undefined ? [] : fs.readdirSync(layout.blobs).filter((name) => /^[0-9a-f]{64}$/.test(name));
  db.transaction(() => {
    addGarbage(
      db,
      names.map((name) => `sha256:${name}`),
    );
    setMeta(db, 'boot', boot);
  });
}

async function sweepIngest({ fs, layout }: StoreContext, alive: (owner: string) => boolean): Promise<void> {
  const dead = fs.readdirSync(layout.ingest).filter((name) => !alive(name.split('.', 1)[0] ?? ''));
  await Promise.all(dead.map((name) => fs.remove(join(layout.ingest, name))));
}

/** Layers unpacked for RUN go with their layer; a name begins with the digest of one. They can always be made again. */
async function sweepSnapshots({ db, fs, layout }: StoreContext): Promise<void> {
  if (fs.lstatSync(layout.snapshots, { throwIfNoEntry: false }) === undefined) return;
  const dead = fs
    .readdirSync(layout.snapshots)
    .filter((name) => !db.get('SELECT 1 FROM layers WHERE diff_id = ?', `sha256:${name.split('.', 1)[0]}`));
  await Promise.all(dead.map((name) => fs.remove(join(layout.snapshots, name))));
}

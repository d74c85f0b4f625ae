import type { BuildSummary } from '../../../shared/build-events.ts';
import { EngineError } from '../base/errors.ts';
import { openBuildLog, readBuildLog } from './build-log.ts';
import type { StoreContext } from './context.ts';
import { dropKept, keptOf } from './kept-store.ts';
import { guarded } from './store-error.ts';
import type { BuildStore } from './store.ts';

const BUILD_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/;

/**
 * The build records. A build is "running" while the process that created it lives; afterwards the next open makes it
 * "lost". Fails with BUILD_ID_INVALID for an id that is no plain name, and BUILD_EXISTS for one in use.
 */
export function createBuildStore(context: StoreContext): BuildStore {
  const { db, layout, fs } = context;
  const { root } = layout;

  /** The owner is what ends a running build if the process dies. */
  function ownerOf(summary: BuildSummary): string | null {
    return summary.outcome === 'running' ? context.owner : null;
  }

  return {
    create: (summary) => {
      checkId(summary.id);
      const values = [
        summary.id,
        summary.folder,
        summary.startedAt,
        ownerOf(summary),
        JSON.stringify(summary),
      ];
      db.relaxed(() => {
        const added = db.run('INSERT OR IGNORE INTO builds VALUES (?, ?, ?, ?, ?)', ...values);
        if (added === 0) throw new EngineError('BUILD_EXISTS', `There is a build ${summary.id} already.`);
      });
      return openBuildLog(fs, root, layout.log(summary.id));
    },
    update: (summary) => {
      const write = (): number =>
        db.run(
          'UPDATE builds SET folder = ?, started_at = ?, owner = ?, summary = ? WHERE id = ?',
          ...[summary.folder, summary.startedAt, ownerOf(summary), JSON.stringify(summary), summary.id],
        );
      if (summary.outcome === 'running') db.relaxed(write);
      else db.transaction(write);
    },
    get: (id) => {
      const row = db.get<{ summary: string }>('SELECT summary FROM builds WHERE id = ?', id);
      return row && (JSON.parse(row.summary) as BuildSummary);
    },
    list: ({ folder, limit = -1 } = {}) => {
      const rows =
        folder === undefined
          ? db.all<{ summary: string }>(
              'SELECT summary FROM builds ORDER BY started_at DESC, id DESC LIMIT ?',
              limit,
            )
          : db.all<{ summary: string }>(
              'SELECT summary FROM builds WHERE folder = ? ORDER BY started_at DESC, id DESC LIMIT ?',
              ...[folder, limit],
            );
      return rows.map((row) => JSON.parse(row.summary) as BuildSummary);
    },
    events: (id) => {
      checkId(id);
      return readBuildLog(fs, root, layout.log(id));
    },
    remove: (ids) =>
      guarded(root, async () => {
        ids.forEach(checkId);
        // Logs first: a crash in between leaves a row that can be removed again, and no file that nothing knows of.
        if (!db.readonly) await Promise.all(ids.map((id) => fs.remove(layout.log(id))));
        const trash = db.transaction(() => {
          for (const id of ids) db.run('DELETE FROM builds WHERE id = ?', id);
          return ids.flatMap((id) => dropKept(context, keptOf(db, 'build_id', id)));
        });
        await Promise.all(trash.map((path) => fs.remove(path)));
      }),
  };
}

/** A build's id is a file name too. */
function checkId(id: string): void {
  if (BUILD_ID.test(id)) return;
  throw new EngineError('BUILD_ID_INVALID', `${JSON.stringify(id)} is not the id of a build.`);
}

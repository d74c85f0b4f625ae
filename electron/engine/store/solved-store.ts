import type { StoreContext } from './context.ts';
import type { SolvedStore } from './store.ts';

/** Builds kept of a project: enough that targets and platforms built in turn each find their own. */
const KEPT = 8;

/** See SolvedStore. A power cut may cost the latest entries. */
export function createSolvedStore({ db }: StoreContext): SolvedStore {
  return {
    list: (project) =>
      db
        .all<{ steps: string }>('SELECT steps FROM solved WHERE project = ? ORDER BY seq DESC', project)
        .map(({ steps }) => steps),
    put: (project, build) =>
      db.relaxed(() => {
        db.run('DELETE FROM solved WHERE project = ? AND steps = ?', project, build);
        db.run('INSERT INTO solved (project, steps) VALUES (?, ?)', project, build);
        db.run(
          `DELETE FROM solved WHERE project = ? AND seq NOT IN
             (SELECT seq FROM solved WHERE project = ? ORDER BY seq DESC LIMIT ${KEPT})`,
          ...[project, project],
        );
      }),
  };
}

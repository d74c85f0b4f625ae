import type { StoreDatabase } from './database.ts';

/** How many removed records are remembered, those that were removed last; some more for a while. */
const REMEMBERED = 20_000;

const SLACK = 2_000;

/** Writes down that clean-up removed these cache records, so that misses can be explained. Inside a transaction. */
export function noteRemoved(db: StoreDatabase, keys: readonly string[], at: number): void {
  for (const key of keys) db.run('INSERT OR REPLACE INTO removed_records VALUES (?, ?)', key, at);
  const { count } = db.get<{ count: number }>('SELECT count(*) AS count FROM removed_records')!;
  // Finding out which are the oldest takes a while, and so that is done for many at once.
  if (count < REMEMBERED + SLACK) return;
  db.run(
    `DELETE FROM removed_records WHERE key IN
       (SELECT key FROM removed_records ORDER BY removed_at DESC LIMIT -1 OFFSET ${REMEMBERED})`,
  );
}

import { randomUUID } from 'node:crypto';
import type { Digest } from '../base/digest.ts';
import type { StoreContext } from './context.ts';
import type { StoreDatabase } from './database.ts';
import { addGarbage } from './garbage.ts';
import type { Lease } from './store.ts';

/**
 * Takes a lease for this process. Its rows are not waited for on disk: a power cut ends every lease anyway.
 * Releasing is idempotent; blobs that nothing else reaches are deleted by the next collection.
 */
export function takeLease(context: StoreContext, purpose: string): Lease {
  const { db, owner } = context;
  const id = randomUUID();
  let released = false;
  db.relaxed(() => db.run('INSERT INTO leases VALUES (?, ?, ?)', id, owner, purpose));
  function release(): void {
    if (released) return;
    db.relaxed(() => dropLease(db, id));
    released = true;
  }
  return {
    id,
    add(...digests) {
      if (released) throw new Error('A released lease keeps nothing.');
      db.relaxed(() => {
        for (const digest of digests) db.run('INSERT OR IGNORE INTO lease_blobs VALUES (?, ?)', id, digest);
        settle(context, digests);
      });
    },
    release,
    [Symbol.dispose]: release,
  };
}

/** Registers this open store, with the lease that holds blobs between their commit and the first thing that names them. */
export function registerOwner(db: StoreDatabase, owner: string): void {
  db.run('INSERT INTO owners VALUES (?)', owner);
  db.run('INSERT INTO leases VALUES (?, ?, ?)', owner, owner, 'fresh blobs');
}

/** Ends all leases of an owner; what they kept may be garbage now. Inside a transaction. */
export function dropOwner(db: StoreDatabase, owner: string): void {
  for (const { id } of db.all<{ id: string }>('SELECT id FROM leases WHERE owner = ?', owner))
    dropLease(db, id);
  db.run('DELETE FROM owners WHERE owner = ?', owner);
}

/** Keeps a blob that is about to be committed, unless a lease of this process has it already. */
export function hold(context: StoreContext, digest: Digest): void {
  const { db, owner } = context;
  db.relaxed(() => {
    const leased = db.get(
      'SELECT 1 FROM lease_blobs JOIN leases ON leases.id = lease WHERE digest = ? AND owner = ?',
      digest,
      owner,
    );
    if (leased === undefined) db.run('INSERT INTO lease_blobs VALUES (?, ?)', owner, digest);
  });
}

/**
 * Gives up the hold on blobs that something else names from now on. They are noted as garbage candidates, because that may
 * be a thing which does not keep them. Inside a transaction.
 */
export function settle(context: StoreContext, digests: Iterable<string>): void {
  const { db, owner } = context;
  for (const digest of digests) {
    const held = db.run('DELETE FROM lease_blobs WHERE lease = ? AND digest = ?', owner, digest);
    if (held > 0) addGarbage(db, [digest]);
  }
}

function dropLease(db: StoreDatabase, id: string): void {
  const kept = db.all<{ digest: string }>('SELECT digest FROM lease_blobs WHERE lease = ?', id);
  addGarbage(
    db,
    kept.map(({ digest }) => digest),
  );
  db.run('DELETE FROM leases WHERE id = ?', id);
}

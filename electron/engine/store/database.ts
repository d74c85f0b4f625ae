import Database from 'better-sqlite3';
import { lstatSync, writeFileSync } from 'node:fs';
import { EngineError } from '../base/errors.ts';
import type { StoreLayout } from './layout.ts';
import { APPLICATION_ID, migrationsAfter, SCHEMA_VERSION } from './schema.ts';
import { guardedSync } from './store-error.ts';

type Value = string | number | null;

/** The store's SQLite database. All calls are synchronous; errors are those of store-error.ts. */
export interface StoreDatabase {
  readonly readonly: boolean;
  get<Row>(sql: string, ...values: readonly Value[]): Row | undefined;
  all<Row>(sql: string, ...values: readonly Value[]): readonly Row[];
  /** Answers how many rows changed. Inside {@link transaction} or {@link relaxed} only. */
  run(sql: string, ...values: readonly Value[]): number;
  /** One write transaction, alone among all processes (BEGIN IMMEDIATE), on disk when this returns. Does not nest. */
  transaction<T>(work: () => T): T;
  /** The same without waiting for the disk: a power cut may undo it, but nothing that came before it. */
  relaxed<T>(work: () => T): T;
  close(): void;
}

/** Long enough that only a hung process makes another fail. */
const BUSY_MS = 20_000;
/** Above this a whole check would be felt at every start; it is then made only on suspicion. */
const CHECK_BYTES = 32 * 1024 * 1024;

/** A database that cannot be used as it is: `reason` says whether to start a new one. */
export class UnusableDatabase extends Error {}

/**
 * Opens or creates slipway.db and brings its schema up to date. Throws UnusableDatabase where the file is damaged or is
 * another program's, STORE_NEWER where a newer Slipway wrote it (it is then left as it was), STORE_MISSING where it is
 * to be read only and is not there.
 */
export function openDatabase(layout: StoreLayout, readonly: boolean): StoreDatabase {
  const existing = lstatSync(layout.database, { throwIfNoEntry: false });
  if (existing === undefined && readonly) {
    throw new EngineError('STORE_MISSING', `There is no store at ${layout.root}.`);
  }
  const sqlite = guardedSync(
    layout.root,
    () => new Database(layout.database, { readonly, timeout: BUSY_MS }),
  );
  try {
    prepare(sqlite, layout, readonly, existing?.size ?? 0);
  } catch (error) {
    sqlite.close();
    throw asUnusable(error) ?? error;
  }
  return wrap(sqlite, layout, readonly);
}

function prepare(sqlite: Database.Database, layout: StoreLayout, readonly: boolean, size: number): void {
  const application = sqlite.pragma('application_id', { simple: true });
  const version = sqlite.pragma('user_version', { simple: true }) as number;
  const isNew = sqlite.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
  if (application !== APPLICATION_ID && !(isNew && application === 0 && version === 0)) {
    throw new UnusableDatabase('It is not a Slipway database.');
  }
  if (version > SCHEMA_VERSION) {
    throw new EngineError(
      'STORE_NEWER',
      `The store at ${layout.root} was written by a newer version of Slipway.`,
      {
        hint: 'Update Slipway, or choose another store with --store. Nothing was changed.',
      },
    );
  }
  const suspected = lstatSync(layout.suspicion, { throwIfNoEntry: false }) !== undefined;
  if (suspected || (size > 0 && size <= CHECK_BYTES)) {
    const verdict = sqlite.pragma(suspected ? 'integrity_check(1)' : 'quick_check(1)', { simple: true });
    if (verdict !== 'ok') throw new UnusableDatabase(`It is damaged: ${String(verdict)}`);
  }
  sqlite.pragma('foreign_keys = ON');
  if (readonly) return;
  if (sqlite.pragma('journal_mode', { simple: true }) !== 'wal') sqlite.pragma('journal_mode = WAL');
  sqlite.pragma('synchronous = FULL');
  if (version === SCHEMA_VERSION) return;
  sqlite
    .transaction(() => {
      for (const step of migrationsAfter(version)) sqlite.exec(step);
      sqlite.pragma(`application_id = ${APPLICATION_ID}`);
      sqlite.pragma(`user_version = ${SCHEMA_VERSION}`);
    })
    .immediate();
}

function asUnusable(error: unknown): UnusableDatabase | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  const damaged = typeof code === 'string' && (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB');
  return damaged ? new UnusableDatabase('It is damaged.', { cause: error }) : undefined;
}

function wrap(sqlite: Database.Database, layout: StoreLayout, readonly: boolean): StoreDatabase {
  const statements = new Map<string, Database.Statement>();
  const inode = lstatSync(layout.database).ino;

  function statement(sql: string): Database.Statement {
    let found = statements.get(sql);
    if (found === undefined) statements.set(sql, (found = sqlite.prepare(sql)));
    return found;
  }

  /** Another process may have found the database damaged and put a new one in its place; what is written here would be lost. */
  function checkSame(): void {
    if (lstatSync(layout.database, { throwIfNoEntry: false })?.ino === inode) return;
    throw new EngineError(
      'STORE_REPLACED',
      `The database of the store at ${layout.root} was replaced meanwhile.`,
      {
        hint: 'Start Slipway again.',
      },
    );
  }

  function attempt<T>(work: () => T): T {
    try {
      return guardedSync(layout.root, work);
    } catch (error) {
      if (!readonly && error instanceof EngineError && error.code === 'STORE_DAMAGED') noteSuspicion(layout);
      throw error;
    }
  }

  function within<T>(work: () => T): T {
    if (readonly) {
      throw new EngineError('STORE_READONLY', `The store at ${layout.root} is open for reading only.`);
    }
    if (sqlite.inTransaction) throw new Error('Store transactions do not nest.');
    return attempt(() => {
      statement('BEGIN IMMEDIATE').run();
      try {
        checkSame();
        const result = work();
        statement('COMMIT').run();
        return result;
      } catch (error) {
        if (sqlite.inTransaction) statement('ROLLBACK').run();
        throw error;
      }
    });
  }

  return {
    readonly,
    get: <Row>(sql: string, ...values: readonly Value[]) =>
      attempt(() => statement(sql).get(...values) as Row | undefined),
    all: <Row>(sql: string, ...values: readonly Value[]) =>
      attempt(() => statement(sql).all(...values) as Row[]),
    run: (sql, ...values) => {
      if (!sqlite.inTransaction) throw new Error('A store write belongs in a transaction.');
      return attempt(() => statement(sql).run(...values).changes);
    },
    transaction: within,
    relaxed: (work) => {
      sqlite.pragma('synchronous = NORMAL');
      try {
        return within(work);
      } finally {
        sqlite.pragma('synchronous = FULL');
      }
    },
    close: () => {
      statements.clear();
      sqlite.close();
    },
  };
}

function noteSuspicion(layout: StoreLayout): void {
  try {
    writeFileSync(layout.suspicion, '');
  } catch {
    // Without the note the next start makes its ordinary check.
  }
}

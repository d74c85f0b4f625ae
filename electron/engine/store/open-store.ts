import { join, resolve } from 'node:path';
import { EngineError } from '../base/errors.ts';
import { createBuildStore } from './build-store.ts';
import { createCacheMountStore } from './cache-mount-store.ts';
import { createCacheStore } from './cache-store.ts';
import { createContentStore } from './content-store.ts';
import type { StoreContext } from './context.ts';
import { openDatabase, UnusableDatabase, type StoreDatabase } from './database.ts';
import { fileSize, nodeFs, writeFileDurablySync, type StoreFs } from './durable-fs.ts';
import { createImageStore } from './image-store.ts';
import { createKeptStore } from './kept-store.ts';
import { createLayerStore, type Inflate } from './layer-store.ts';
import { mayHoldStore, storeLayout, type StoreLayout } from './layout.ts';
import { dropOwner, registerOwner, takeLease } from './leases.ts';
import { nobodyPresent, showPresence, withOpenLock } from './open-lock.ts';
import { newOwner, ownerText } from './owner.ts';
import { reconcile } from './recover.ts';
import { keepReserve, withReserve } from './reserve.ts';
import { createReferenceStore } from './reference-store.ts';
import { createSolvedStore } from './solved-store.ts';
import { createSpaceStore } from './space/space-store.ts';
import { guarded } from './store-error.ts';
import type { Store } from './store.ts';
import { sweep } from './sweep.ts';
import { createTouches } from './touches.ts';

export interface StoreOptions {
  /** The store's directory; made where it is missing. */
  readonly root: string;
  /** Milliseconds since 1970; the system's clock by default. */
  readonly clock?: () => number;
  /** Changes nothing: no sweep, no repair; every call that writes fails with STORE_READONLY. */
  readonly readonly?: boolean;
  /** Unpacks compressed layers; needed only by `layers.uncompressedPath`. */
  readonly inflate?: Inflate;
  /** The file system, for tests that make it fail. */
  readonly fs?: StoreFs;
}

/**
 * Opens the store in a directory, making it where there is none. Any number of processes may have it open. What dead
 * processes left is swept; a damaged or foreign database is moved aside to `slipway.db.corrupt-<time>` and made again from
 * index.json and the blobs, so that every tagged image whose blobs are whole is there again.
 *
 * Fails with STORE_NEWER (written by a newer Slipway; nothing is changed), STORE_NOT_EMPTY (a directory with other
 * content), STORE_MISSING (read-only and not there), or as store-error.ts says.
 */
export function openStore(options: StoreOptions): Promise<Store> {
  const layout = storeLayout(resolve(options.root));
  if (options.readonly === true) {
    return guarded(layout.root, async () =>
      assemble(options, contextOf(options, layout, openDatabase(layout, true), NO_PRESENCE)),
    );
  }
  const fs = options.fs ?? nodeFs;
  return withReserve(layout, fs, () =>
    guarded(layout.root, async () => assemble(options, await openForWriting(options, layout, fs))),
  );
}

async function openForWriting(
  options: StoreOptions,
  layout: StoreLayout,
  fs: StoreFs,
): Promise<StoreContext> {
  makeRoot(layout, fs);
  if (!mayHoldStore(fs.readdirSync(layout.root))) {
    throw new EngineError('STORE_NOT_EMPTY', `${layout.root} is not empty and is no Slipway store.`, {
      hint: 'Choose an empty or new directory for the store.',
    });
  }
  const context = await withOpenLock(layout, fs, () => openAlone(options, layout, fs));
  try {
    await sweep(context);
  } catch (error) {
    leave(context);
    throw error;
  }
  keepReserve(context);
  return context;
}

function makeRoot({ root }: StoreLayout, fs: StoreFs): void {
  try {
    fs.mkdirSync(root, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
    throw new EngineError('STORE_NOT_DIRECTORY', `The store cannot be at ${root}: a file is in its place.`, {
      hint: 'Choose an empty or new directory for the store.',
      cause: error,
    });
  }
}

function openAlone(options: StoreOptions, layout: StoreLayout, fs: StoreFs): StoreContext {
  const db = openOrReplaceDatabase(layout, fs, options.clock ?? Date.now);
  const context = contextOf(options, layout, db, presenceWith(db, layout, fs));
  try {
    if (fileSize(fs, layout.suspicion) !== undefined) fs.unlinkSync(layout.suspicion);
    for (const path of [
      layout.ingest,
      layout.blobs,
      layout.tocs,
      layout.inputs,
      layout.builds,
      layout.statCache,
    ]) {
      fs.mkdirSync(path, { recursive: true });
    }
    if (fileSize(fs, layout.marker) === undefined) {
      writeFileDurablySync(fs, layout.marker, context.temporaryPath(), '{"imageLayoutVersion":"1.0.0"}\n');
    }
    db.relaxed(() => registerOwner(db, context.owner));
    reconcile(context);
    return context;
  } catch (error) {
    leave(context);
    throw error;
  }
}

/** A database that is gone or unusable is replaced, its remains moved aside; but never while another store has it open. */
function openOrReplaceDatabase(layout: StoreLayout, fs: StoreFs, clock: () => number): StoreDatabase {
  // A log without its database is no start for a new one: SQLite would play it into the empty file.
  if ((fileSize(fs, layout.database) ?? 0) === 0) moveDatabaseAside(layout, fs, clock);
  try {
    return openDatabase(layout, false);
  } catch (error) {
    if (!(error instanceof UnusableDatabase)) throw error;
    moveDatabaseAside(layout, fs, clock);
    return openDatabase(layout, false);
  }
}

function presenceWith(db: StoreDatabase, layout: StoreLayout, fs: StoreFs): { close(): void } {
  try {
    return showPresence(layout, fs);
  } catch (error) {
    db.close();
    throw error;
  }
}

function moveDatabaseAside(layout: StoreLayout, fs: StoreFs, clock: () => number): void {
  if (!nobodyPresent(layout, fs)) {
    throw new EngineError('STORE_DAMAGED', `The store at ${layout.root} has a damaged database.`, {
      hint: 'Close every other Slipway that uses it and start again: a new one is then made from the images.',
    });
  }
  const aside = `${layout.database}.corrupt-${clock()}`;
  for (const suffix of ['-wal', '-shm', '']) {
    const path = layout.database + suffix;
    if ((fileSize(fs, path) ?? 0) > 0) fs.renameSync(path, aside + suffix);
  }
}

/** A reader leaves no trace. */
const NO_PRESENCE = { close: (): void => undefined };

function contextOf(
  options: StoreOptions,
  layout: StoreLayout,
  db: StoreDatabase,
  presence: { close(): void },
): StoreContext {
  const owner = ownerText(newOwner());
  let count = 0;
  return {
    layout,
    fs: options.fs ?? nodeFs,
    db,
    clock: options.clock ?? Date.now,
    presence,
    owner,
    temporaryPath: () => join(layout.ingest, `${owner}.${count++}`),
  };
}

function assemble(options: StoreOptions, context: StoreContext): Store {
  const { layout } = context;
  const blobs = createContentStore(context);
  const layers = createLayerStore(context, blobs, options.inflate);
  const cache = createCacheStore(context, layers);
  const cacheMounts = createCacheMountStore(context);
  const snapshots = createTouches<string>(context, (name, now) =>
    context.db.run('INSERT OR REPLACE INTO snapshot_uses VALUES (?, ?)', name, now),
  );
  const flush = (): void => {
    cache.flush();
    snapshots.flush();
  };
  let closed = false;

  return {
    root: layout.root,
    blobs,
    layers,
    references: createReferenceStore(context),
    images: createImageStore(context, blobs),
    cache,
    solved: createSolvedStore(context),
    builds: createBuildStore(context),
    cacheMounts,
    kept: createKeptStore(context),
    snapshots: { touch: snapshots.add },
    space: createSpaceStore(context, cacheMounts, flush),
    lease: (purpose) => takeLease(context, purpose),
    close: () => {
      if (closed) return;
      closed = true;
      flush();
      leave(context);
    },
  };
}

/** Gives up what this open store holds. What fails here is swept when the process has ended. */
function leave({ db, fs, layout, owner, presence }: StoreContext): void {
  try {
    if (db.readonly) return;
    const own = fs.readdirSync(layout.ingest).filter((name) => name.startsWith(`${owner}.`));
    for (const name of own) fs.unlinkSync(join(layout.ingest, name));
    db.relaxed(() => dropOwner(db, owner));
  } catch {
    // The caller has nothing more to do with this store, or a better error to report.
  } finally {
    db.close();
    presence.close();
  }
}

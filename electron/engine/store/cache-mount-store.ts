import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { StoreContext } from './context.ts';
import { fileSize, writeFileDurablySync } from './durable-fs.ts';
import { tryFileLock } from './open-lock.ts';
import type { CacheMountRecord, CacheMountStore } from './store.ts';

/** As BuildKit has it. */
const RETRY_MS = 100;
const NAME = /^[a-z0-9-]+$/;

/**
 * The store's cache mounts. One is a folder in `cache-mounts/` with three things in it: `lock`, see open-lock.ts; `content`; and
 * `mount.json`, which says that the content is whole, and by which the folders are listed.
 */
export function createCacheMountStore(context: StoreContext): CacheMountStore {
  const { layout, fs, clock } = context;
  const inFolder = (folder: string, part: string): string => join(layout.cacheMounts, folder, part);
  const isWhole = (folder: string): boolean => readRecord(context, folder) !== undefined;

  function note(folder: string, id: string): void {
    const record = { id, usedAt: new Date(clock()).toISOString() };
    const text = `${JSON.stringify(record)}\n`;
    writeFileDurablySync(fs, inFolder(folder, 'mount.json'), context.temporaryPath(), text);
  }

  return {
    async take(name, { id, sharing, renew, make }, signal) {
      if (!NAME.test(name)) throw new Error(`"${name}" cannot name a cache mount.`);
      let mustRenew = renew;
      let number = 0;
      for (;;) {
        signal.throwIfAborted();
        const folder = number === 0 ? name : `${name}-${number}`;
        fs.mkdirSync(join(layout.cacheMounts, folder), { recursive: true, mode: 0o700 });
        const mustMake = mustRenew || !isWhole(folder);
        const how = mustMake || sharing !== 'shared' ? 'whole' : 'shared';
        const lock = tryFileLock(layout, fs, inFolder(folder, 'lock'), how);
        if (lock === undefined) {
          if (sharing === 'private') number++;
          else await delay(RETRY_MS, undefined, { signal });
          continue;
        }
        try {
          const path = inFolder(folder, 'content');
          if (mustMake && (mustRenew || !isWhole(folder))) {
            if (isWhole(folder)) fs.unlinkSync(inFolder(folder, 'mount.json'));
            await make(path);
            note(folder, id);
            mustRenew = false;
          }
          // Made to be shared, it is taken again beside the others; else somebody may have begun to make it anew before the lock.
          if (isWhole(folder) && (sharing === 'shared') === (how === 'shared')) {
            note(folder, id);
            return { path, release: () => lock.close() };
          }
          lock.close();
        } catch (error) {
          lock.close();
          throw error;
        }
      }
    },

    async remove(name, usedAt) {
      const lock = tryFileLock(layout, fs, inFolder(name, 'lock'), 'whole');
      if (lock === undefined) return false;
      let trash: string | undefined;
      try {
        if (readRecord(context, name)?.usedAt !== usedAt) return false;
        // First it is no whole mount any more: whoever finds content without the note makes it anew. The lock stays where it is,
        // because somebody may be waiting for it.
        if (usedAt !== undefined) fs.unlinkSync(inFolder(name, 'mount.json'));
        if (fs.lstatSync(inFolder(name, 'content'), { throwIfNoEntry: false }) !== undefined) {
          trash = context.temporaryPath();
          fs.renameSync(inFolder(name, 'content'), trash);
        }
      } finally {
        lock.close();
      }
      if (trash !== undefined) await fs.remove(trash);
      return true;
    },

    isTaken(name) {
      const lock = tryFileLock(layout, fs, inFolder(name, 'lock'), 'whole');
      lock?.close();
      return lock === undefined;
    },

    list() {
      if (fs.lstatSync(layout.cacheMounts, { throwIfNoEntry: false }) === undefined) return [];
      const folders = fs.readdirSync(layout.cacheMounts).sort();
      return folders.flatMap((folder) => readRecord(context, folder) ?? []);
    },
  };
}

/** What `mount.json` says; undefined where there is none, or none that can be read. */
function readRecord({ layout, fs }: StoreContext, name: string): CacheMountRecord | undefined {
  const path = join(layout.cacheMounts, name, 'mount.json');
  if (fileSize(fs, path) === undefined) return undefined;
  try {
    const { id, usedAt } = JSON.parse(fs.readFileSync(path, 'utf8')) as Partial<CacheMountRecord>;
    return typeof id === 'string' && typeof usedAt === 'string' ? { name, id, usedAt } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

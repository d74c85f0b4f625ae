import { statfs } from 'node:fs/promises';
import { parseBytes } from '../../shared/bytes.ts';
import type { PruneReport, StoragePolicy, StorageUsage } from '../../shared/storage.ts';
import type { Environment } from './registry/credentials.ts';
import { readSettingsFile, settingInvalid } from './base/settings-file.ts';
import type { PruneOptions, PruneRules, Store } from './store/store.ts';
export type { PruneRules } from './store/store.ts';
export { EVERYTHING } from './store/space/usage.ts';

/** What takes room in the store, and clean-up by the person's settings or by rules of the moment. */
export interface Storage {
  usage(signal?: AbortSignal): Promise<StorageUsage>;
  prune(rules: PruneRules, options?: PruneOptions): Promise<PruneReport>;
  /** What the settings say, and what holds where they say nothing. Fails with SETTINGS_INVALID. */
  policy(): Promise<StoragePolicy>;
  /** Cleans up by {@link policy}, where that was not done for `every` milliseconds; a store that is new is left alone. Never fails. */
  tidy(every: number, signal: AbortSignal): Promise<PruneReport | undefined>;
}

const DAY_MS = 86_400_000;
const GB = 1_000_000_000;

export function createStorage(store: Store, now: () => Date, environment: Environment): Storage {
  async function policy(): Promise<StoragePolicy> {
    const { maxSize, keepDays = 30, keepBuilds = 20 } = (await readSettingsFile(environment)).storage;
    const bytes = maxSize === undefined ? await defaultSize(store.root) : parseBytes(String(maxSize));
    if (bytes === undefined) {
      throw settingInvalid(environment, ['storage', 'maxSize'], 'must be a size such as "20GB"');
    }
    return { maxSize: bytes, keepDays, keepBuilds };
  }

  return {
    usage: (signal) => store.space.usage(signal),
    prune: (rules, options) => store.space.prune(rules, options),
    policy,
    async tidy(every, signal) {
      try {
        if (!store.space.isDue(every)) return undefined;
        return await store.space.prune(rulesOf(await policy(), now()), { signal });
      } catch {
        // Nobody asked for it: what is wrong is said when somebody does.
        return undefined;
      }
    },
  };
}

/** A policy as rules for clean-up at this time. */
export function rulesOf({ maxSize, keepDays, keepBuilds }: StoragePolicy, now: Date): PruneRules {
  return { maxSize, keepBuilds, unusedSince: now.getTime() - keepDays * DAY_MS };
}

/** A tenth of the disk, at least 20 GB, but never more than half of it. */
async function defaultSize(root: string): Promise<number> {
  const { blocks, bsize } = await statfs(root);
  const disk = blocks * bsize;
  return Math.round(Math.min(Math.max(disk / 10, 20 * GB), disk / 2));
}

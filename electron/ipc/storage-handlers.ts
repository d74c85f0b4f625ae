import { EVERYTHING, rulesOf, type PruneRules } from '../engine/storage.ts';
import type { Section } from './router.ts';
import type { Services } from './services.ts';

const DAY_MS = 86_400_000;

/** `storage.*`: what takes room in the store, and clean-up. */
export function storageHandlers({ engine, changes }: Services): Section<'storage'> {
  const { storage } = engine;

  async function rules(what: 'unused' | 'all', keepDays: number | undefined): Promise<PruneRules> {
    const now = new Date();
    if (what === 'all') {
      return keepDays === undefined
        ? EVERYTHING
        : { ...EVERYTHING, before: now.getTime() - keepDays * DAY_MS };
    }
    const policy = await storage.policy();
    return {
      ...rulesOf({ ...policy, ...(keepDays === undefined ? {} : { keepDays }) }, now),
      untagged: true,
    };
  }

  return {
    'storage.usage': (_input, { signal }) => storage.usage(signal),
    'storage.policy': () => storage.policy(),
    'storage.prune': async ({ what, keepDays, dryRun }, { signal }) => {
      const report = await storage.prune(await rules(what, keepDays), { dryRun, signal });
      if (!dryRun) changes.notify('storage', 'images', 'builds');
      return report;
    },
  };
}

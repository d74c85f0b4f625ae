import { setImmediate as turn } from 'node:timers/promises';
import type { StoreContext } from '../context.ts';
import { guarded } from '../store-error.ts';
import type { CacheMountStore, SpaceStore } from '../store.ts';
import { carryOut } from './carry-out.ts';
import { gatherFacts } from './gather-facts.ts';
import { planPrune } from './plan-prune.ts';
import { reportOf } from './report.ts';
import { getMeta, setMeta } from '../tags.ts';
import { usageOf } from './usage.ts';

/**
 * What takes room in the store, and clean-up by rules. Neither holds the event loop for long. A clean-up frees what a dry run just before
 * said, as long as nobody else uses the store, and the usage afterwards is smaller by as much. `flush` writes down what was used
 * last in this process.
 */
export function createSpaceStore(
  context: StoreContext,
  cacheMounts: CacheMountStore,
  flush: () => void,
): SpaceStore {
  const gathering = { context, cacheMounts, snapshotSizes: new Map<string, number>() };
  return {
    usage: (signal) =>
      guarded(context.layout.root, async () => {
        flush();
        const facts = await gatherFacts(gathering, signal);
        await turn();
        return usageOf(facts);
      }),
    isDue: (every) => {
      const now = context.clock();
      const isEarly = (): boolean => now - Number(getMeta(context.db, 'tidied') ?? -Infinity) < every;
      if (isEarly()) return false;
      return context.db.relaxed(() => {
        if (isEarly()) return false;
        const last = getMeta(context.db, 'tidied');
        setMeta(context.db, 'tidied', String(now));
        return last !== undefined;
      });
    },
    prune: (rules, { dryRun = false, signal } = {}) =>
      guarded(context.layout.root, async () => {
        flush();
        const facts = await gatherFacts(gathering, signal);
        await turn();
        const plan = planPrune(facts, rules);
        await turn();
        const kinds = dryRun
          ? reportOf(facts, plan)
          : await carryOut(context, cacheMounts, facts, plan, signal);
        return { freed: kinds.reduce((sum, { bytes }) => sum + bytes, 0), kinds, dryRun };
      }),
  };
}

import type { WorkerPool } from '../../electron/engine/base/worker-pool.ts';
import type { BuildServices } from '../../electron/engine/build/build.ts';
import { createExecutor } from '../../electron/engine/executor/executor.ts';
import { createRegistries } from '../../electron/engine/registry/registries.ts';
import type { Store } from '../../electron/engine/store/store.ts';

/** What a build in the test's own process works with; it knows no passwords. */
export function servicesOver(store: Store, pool: WorkerPool): BuildServices {
  const services = { store, pool, now: () => new Date() };
  return {
    ...services,
    executor: createExecutor(services),
    registries: createRegistries(services, { HOME: '/nonexistent' }),
  };
}

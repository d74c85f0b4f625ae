import { expect } from 'vitest';
import type { Credential } from '../../electron/engine/registry/credentials.ts';
import { pullImage } from '../../electron/engine/registry/pull-image.ts';
import { createSession } from '../../electron/engine/registry/session.ts';
import { createTransport } from '../../electron/engine/registry/transport.ts';
import type { FakeRegistry } from './fake-registry.ts';
import { withBench } from './image-fixture.ts';

/** Short, since tests wait for it. */
const TIMING = { answer: 1_000, idle: 300, backOff: 1 };

/**
 * Pulls into a fresh store; answers what it failed with. Whatever came, a failure leaves no image, and a success all of it.
 */
export async function pullFrom(
  registry: FakeRegistry,
  credential?: Credential,
): Promise<{ readonly code?: string; readonly message?: string } | undefined> {
  let failure: { code?: string; message?: string } | undefined;
  await withBench(async ({ store, pool }) => {
    using lease = store.lease('test');
    const session = createSession({
      domain: registry.host,
      transport: createTransport({}, TIMING),
      credential: () => Promise.resolve(credential),
    });
    const services = { store, pool, now: () => new Date() };
    try {
      await pullImage(services, { session, repository: 'app' }, `${registry.host}/app:1`, lease);
    } catch (error) {
      failure = error as Error & { code?: string };
    }
    expect(store.images.list()).toHaveLength(failure ? 0 : 1);
    expect(store.references.list()).toHaveLength(failure ? 0 : 1);
    if (!failure) expect(store.blobs.size(registry.layer.digest)).toBe(registry.layer.bytes.length);
  });
  return failure;
}

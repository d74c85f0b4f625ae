import { DEFAULT_SANDBOX } from '../executor/sandbox-options.ts';
import type { RunResources } from '../ops/run-resources.ts';
import { openSshAgents } from '../ops/ssh-agents.ts';
import type { Store } from '../store/store.ts';
import type { BuildRequest } from './build-request.ts';
import { readSecrets } from './read-secrets.ts';

/** Makes ready what a build gives to its RUNs, until it is disposed of. Fails as readSecrets and openSshAgents do. */
export async function openResources(
  { secrets = [], ssh = [], sandbox = DEFAULT_SANDBOX, noCache, noCacheFilter = [] }: BuildRequest,
  store: Store,
): Promise<RunResources & AsyncDisposable> {
  const values = await readSecrets(secrets);
  const agents = await openSshAgents(ssh, () => store.blobs.ingestPath());
  return {
    sandbox,
    secrets: values,
    agents,
    renewals: noCache || noCacheFilter.length > 0 ? new Map() : undefined,
    [Symbol.asyncDispose]: () => agents.close(),
  };
}

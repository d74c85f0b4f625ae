import { digestOf, type Digest } from '../base/digest.ts';

/**
 * The digest that names a stack of layers, bottom first, by the OCI image spec's formula (config.md, "Layer ChainID");
 * undefined for no layers.
 */
export function chainId(diffIds: readonly Digest[]): Digest | undefined {
  return diffIds.length === 0 ? undefined : diffIds.reduce((chain, diffId) => digestOf(`${chain} ${diffId}`));
}

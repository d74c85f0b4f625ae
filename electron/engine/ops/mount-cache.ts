import { dirname } from 'node:path';
import { canonicalJson } from '../base/canonical-json.ts';
import { digestOf, hexOf, type Digest } from '../base/digest.ts';
import { identityTag } from '../base/identity.ts';
import { resolvePath } from '../layer/resolve.ts';
import type { LayerPlanEntry } from '../layer/toc.ts';
import type { HeldCacheMount } from '../store/store.ts';
import type { CacheMount, TreeReference } from './definition.ts';
import { mountOwner } from './mount-owner.ts';
import {
  CONTENT,
  hashMount,
  planSource,
  selectMount,
  unpackEntries,
  type HashedSource,
} from './mount-tree.ts';
import type { OperationContext } from './operation.ts';
import type { MadeMounts, PreparedMounts } from './run-mount.ts';
import { cleanPath } from './source-path.ts';

/** A cache mount with the store's folder that it is. */
interface NamedCache {
  readonly mount: CacheMount;
  readonly name: string;
  /** The part of the folder that is seen. */
  readonly within: string;
  readonly base: (HashedSource & { readonly digest: Digest }) | undefined;
}

/**
 * Folders that stay from build to build. By BuildKit's rules a folder is named by its id together with the owner, mode and first content
 * that the instruction asks for, so that another of these is another folder; the key holds these and never what is in it, nor its id,
 * nor how it is shared. All folders of a step are taken in one order, so that no two steps wait for each other. Fails as selectMount and
 * hashMount do for the first content.
 */
export async function prepareCaches(
  mounts: readonly CacheMount[],
  context: OperationContext,
): Promise<PreparedMounts> {
  const caches = await Promise.all(mounts.map((mount) => nameCache(mount, context)));
  const based = caches.flatMap(({ mount, base }) => (base ? [{ mount, base }] : []));
  return {
    options: caches.map(({ mount: { type, target, readonly, owner }, within }) => ({
      ...{ type, target, readonly, within },
      ...(owner ? { owner } : {}),
    })),
    parts: based.map(({ mount, base }) => ({
      kind: 'files',
      name: `files of ${base.tree.label} in the cache on ${mount.target}`,
      value: base.digest,
    })),
    inputs: based.map(({ base: { digest, lines, tree }, mount: { from } }) => ({
      ...{ digest, lines, tree, from: from! },
      roots: [''],
    })),
    make: () => makeCaches(caches, context),
  };
}

async function nameCache(mount: CacheMount, context: OperationContext): Promise<NamedCache> {
  const { id, from, owner } = mount;
  const base = from && (await readBase(from, context));
  const source = cleanPath(mount.source);
  const identity = await context.executor.identity();
  return {
    mount,
    // Files made by root and by a normal user have other owners on the disk.
    name: hexOf(digestOf(canonicalJson({ id, owner, base: base?.digest, for: identityTag(identity) }))),
    within: base ? resolvePath(base.tree, source, { followLast: true }).path : source,
    base,
  };
}

async function readBase(
  from: TreeReference,
  context: OperationContext,
): Promise<NonNullable<NamedCache['base']>> {
  const { step, signal } = context;
  const isIgnored = (path: string): boolean => context.isIgnored(from, path);
  const source = await hashMount(selectMount(await context.tree(from), '', { step, isIgnored }), signal);
  return { ...source, digest: digestOf(source.lines) };
}

async function makeCaches(caches: readonly NamedCache[], context: OperationContext): Promise<MadeMounts> {
  const held = new Map<string, HeldCacheMount>();
  const release = async (): Promise<void> => {
    for (const each of held.values()) each.release();
  };
  try {
    for (const cache of caches.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (held.has(cache.name)) continue;
      const sharing = strictest(caches.filter(({ name }) => name === cache.name));
      held.set(cache.name, await take(cache, sharing, context));
    }
  } catch (error) {
    await release();
    throw error;
  }
  return {
    mounts: caches.map(({ mount: { target, readonly }, name, within }) => ({
      kind: 'bind',
      source: held.get(name)!.path,
      ...(within === '' ? {} : { within }),
      target,
      readonly,
    })),
    release,
  };
}

/** A step that mounts one folder twice takes it once. */
function strictest(caches: readonly NamedCache[]): CacheMount['sharing'] {
  const asked = caches.map(({ mount }) => mount.sharing);
  return (['locked', 'private'] as const).find((sharing) => asked.includes(sharing)) ?? 'shared';
}

async function take(
  { mount, name, base }: NamedCache,
  sharing: CacheMount['sharing'],
  context: OperationContext,
): Promise<HeldCacheMount> {
  const { store, executor, resources, signal } = context;
  const { renewals } = resources;
  const make = async (path: string): Promise<void> => {
    await executor.remove(path);
    await unpackEntries(await firstContent(mount, base, context), dirname(path), context);
  };
  const ask = { id: mount.id, make };
  if (renewals) {
    const renew = async (): Promise<void> =>
      (await store.cacheMounts.take(name, { ...ask, sharing: 'locked', renew: true }, signal)).release();
    let renewal = renewals.get(name);
    if (!renewal) renewals.set(name, (renewal = renew()));
    await renewal;
  }
  return store.cacheMounts.take(name, { ...ask, sharing, renew: false }, signal);
}

async function firstContent(
  { owner, target }: CacheMount,
  base: HashedSource | undefined,
  { now, executor }: OperationContext,
): Promise<readonly LayerPlanEntry[]> {
  const mtime = Math.floor(now().getTime() / 1000);
  const empty: LayerPlanEntry = { path: CONTENT, type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime, size: 0 };
  const [top = empty, ...below] = base ? planSource(base) : [];
  const own = owner && { ...owner, ...mountOwner(owner, target, await executor.identity()) };
  return [{ ...top, ...own }, ...below];
}

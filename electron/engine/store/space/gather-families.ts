import { createBreather } from '../../base/breather.ts';
import type { Digest } from '../../base/digest.ts';
import type { StoreContext } from '../context.ts';
import { fileSize } from '../durable-fs.ts';
import type { Family } from './facts.ts';

/** The families of a store, and which of them a digest belongs to. */
export interface Families {
  readonly all: readonly Family[];
  of(digest: string): Family | undefined;
  isLeased(digest: string): boolean;
}

/** Looks at every blob, and at what the database says belongs together. */
export async function gatherFamilies(context: StoreContext, signal?: AbortSignal): Promise<Families> {
  const { db, fs, layout } = context;
  const breathe = createBreather();
  const leased = new Set(
    db.all<{ digest: string }>('SELECT DISTINCT digest FROM lease_blobs').map(({ digest }) => digest),
  );
  const sizes = new Map<string, number>();
  for (const name of fs.readdirSync(layout.blobs)) {
    signal?.throwIfAborted();
    await breathe();
    const digest = `sha256:${name}` as const;
    sizes.set(digest, fileSize(fs, layout.blob(digest)) ?? 0);
  }
  const byDigest = new Map<string, Family>();
  const all: Family[] = [];
  const add = (id: string, digests: readonly string[], tableBytes: number): void => {
    const present = digests.filter((digest) => sizes.has(digest));
    const family: Family = {
      id,
      digests,
      bytes: present.reduce((total, digest) => total + sizes.get(digest)!, tableBytes),
      isLeased: digests.some((digest) => leased.has(digest)),
    };
    for (const digest of digests) byDigest.set(digest, family);
    if (present.length > 0 || tableBytes > 0) all.push(family);
  };
  const layers = db.all<{ diff_id: `sha256:${string}`; blob_digest: string }>(
    'SELECT diff_id, blob_digest FROM layers',
  );
  for (const { diff_id, blob_digest } of layers) {
    await breathe();
    const digests = [...new Set([diff_id, blob_digest])].filter((digest) => !byDigest.has(digest));
    add(diff_id, digests, fileSize(fs, layout.toc(diff_id)) ?? 0);
  }
  // What is left of layers that were not recorded, or not any more.
  const tables = fs.readdirSync(layout.tocs).map((name) => `sha256:${name}` as const);
  for (const digest of [...sizes.keys(), ...tables] as readonly Digest[]) {
    await breathe();
    if (!byDigest.has(digest)) add(digest, [digest], fileSize(fs, layout.toc(digest)) ?? 0);
  }
  return {
    all,
    of: (digest) => byDigest.get(digest),
    isLeased: (digest) => (byDigest.get(digest)?.isLeased ?? false) || leased.has(digest),
  };
}

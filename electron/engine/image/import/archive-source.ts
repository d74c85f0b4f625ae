import { statfs } from 'node:fs/promises';
import { digestOf, type Digest } from '../../base/digest.ts';
import { EngineError, isAbort } from '../../base/errors.ts';
import { decompressed } from '../../layer/decompress.ts';
import { readTar, type StreamedMember } from '../../layer/tar-reader.ts';
import type { Lease, Store } from '../../store/store.ts';
import { MAX_DOCUMENT } from '../limits.ts';
import { corruptMember, memberLabel, mismatch, unknownArchive } from './archive-error.ts';
import type { ExpectedContent, ImageSource } from './image-source.ts';
import { blobDigest, linkTarget, memberName } from './member-name.ts';

type Member =
  | { readonly kind: 'memory'; readonly data: Buffer; readonly digest: Digest }
  | { readonly kind: 'blob'; readonly digest: Digest; readonly size: number }
  | { readonly kind: 'link'; readonly target: string };

const MAX_MEMBERS = 100_000;
/** Small members stay in memory until something names them; that many bytes each and altogether. */
const SMALL = 1024 * 1024;
const MAX_IN_MEMORY = 64 * 1024 * 1024;
const MAX_LINK_HOPS = 8;
/** Left free on the disk, since other things need some too. */
const DISK_RESERVE = 64 * 1024 * 1024;

/**
 * Reads a tar, compressed or not, once from beginning to end, in whatever order its members come: blobs and layers go
 * straight into the content store, small members stay in memory, the rest is passed over. What a member is called is only
 * ever compared; nothing is read from or written to a path that the archive names.
 * Fails with IMAGE_ARCHIVE_UNKNOWN (no tar), IMAGE_ARCHIVE_CORRUPT, IMAGE_DIGEST_MISMATCH, IMAGE_ARCHIVE_TOO_LARGE.
 */
export async function openArchive(
  store: Store,
  lease: Lease,
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<ImageSource> {
  const members = new Map<string, Member>();
  let count = 0;
  let inMemory = 0;
  let current = '';
  try {
    for await (const member of readTar(decompressed(chunks), signal)) {
      if (++count > MAX_MEMBERS) throw unknownArchive(name, `it has more than ${MAX_MEMBERS} members`);
      current = member.header.name;
      const key = memberName(current);
      if (key === undefined) continue;
      const taken = await take(store, lease, key, member, inMemory, signal);
      if (!taken) continue;
      if (taken.kind === 'memory') inMemory += taken.data.length;
      const before = members.get(key);
      if (before && !isSame(before, taken)) throw corruptMember(key, 'is there twice with different content');
      members.set(key, taken);
    }
  } catch (error) {
    throw explain(error, name, current, count);
  }
  if (count === 0) throw unknownArchive(name, 'it is empty');
  return sourceOf(store, lease, name, members);
}

async function take(
  store: Store,
  lease: Lease,
  key: string,
  { header, body }: StreamedMember,
  inMemory: number,
  signal: AbortSignal | undefined,
): Promise<Member | undefined> {
  if (header.type === 'symlink' || header.type === 'hardlink') {
    const target = linkTarget(key, header.type, header.linkname ?? '');
    return target === undefined ? undefined : { kind: 'link', target };
  }
  if (header.type !== 'file') return undefined;
  const promised = blobDigest(key);
  const isLayer = promised !== undefined || /(^|\/)[^/]+\.(tar|tgz|tar\.[a-z0-9]+)$/.test(key);
  const isDocument =
    header.size <= MAX_DOCUMENT && /(^|\/)([^/]+\.json|json|repositories|oci-layout)$/.test(key);
  const fits = inMemory + header.size <= MAX_IN_MEMORY;
  if ((header.size <= SMALL || isDocument) && fits) {
    const parts: Buffer[] = [];
    for await (const part of body) parts.push(part);
    const data = Buffer.concat(parts);
    const digest = digestOf(data);
    if (promised !== undefined && digest !== promised)
      throw mismatch(key, 'does not hold what its name says');
    return { kind: 'memory', data, digest };
  }
  if (!isLayer && !isDocument) return undefined;
  await checkSpace(store, key, header.size);
  if (promised !== undefined) lease.add(promised);
  const { digest, size } = await store.blobs.putStream(
    body,
    promised === undefined ? { size: header.size } : { size: header.size, digest: promised },
    signal,
  );
  lease.add(digest);
  return { kind: 'blob', digest, size };
}

function sourceOf(
  store: Store,
  lease: Lease,
  name: string,
  members: ReadonlyMap<string, Member>,
): ImageSource {
  function find(written: string): Exclude<Member, { kind: 'link' }> | undefined {
    let key = memberName(written);
    for (let hops = 0; hops <= MAX_LINK_HOPS && key !== undefined; hops++) {
      const member = members.get(key);
      if (member?.kind !== 'link') return member;
      key = member.target;
    }
    return undefined;
  }
  return {
    name,
    has: async (member) => find(member) !== undefined,
    async document(member) {
      const found = find(member);
      if (found === undefined) return undefined;
      const size = found.kind === 'memory' ? found.data.length : found.size;
      if (size > MAX_DOCUMENT) throw corruptMember(member, `has ${size} bytes, more than any honest one`);
      return found.kind === 'memory' ? found.data : store.blobs.read(found.digest, MAX_DOCUMENT);
    },
    async ingest(member, expected?: ExpectedContent) {
      const found = find(member);
      if (found === undefined) throw corruptMember(member, 'is named by the archive, but is not in it');
      const size = found.kind === 'memory' ? found.data.length : found.size;
      const isExpected = !expected || (expected.digest === found.digest && (expected.size ?? size) === size);
      if (!isExpected) throw mismatch(member, 'does not have the digest and size stated for it');
      lease.add(found.digest);
      if (found.kind === 'memory') await store.blobs.put(found.data);
      return { digest: found.digest, size };
    },
  };
}

async function checkSpace(store: Store, member: string, size: number): Promise<void> {
  const { bavail, bsize } = await statfs(store.root);
  if (size + DISK_RESERVE <= bavail * bsize) return;
  throw new EngineError(
    'IMAGE_ARCHIVE_TOO_LARGE',
    `${memberLabel(member).name} has ${size} bytes, more than is free where the store lies.`,
    { hint: 'Make room on the disk, or use another store.' },
  );
}

function isSame(a: Member, b: Member): boolean {
  return a.kind === 'link' || b.kind === 'link'
    ? a.kind === b.kind && (a as { target?: string }).target === (b as { target?: string }).target
    : a.digest === b.digest;
}

/** Errors of the tar and of the store, told in terms of the archive and the member they came up at. */
function explain(error: unknown, name: string, member: string, count: number): unknown {
  if (!(error instanceof EngineError) || isAbort(error)) return error;
  if (error.code === 'BLOB_DIGEST_MISMATCH') return mismatch(member, 'does not hold what its name says');
  if (!/^(LAYER|BLOB)_/.test(error.code)) return error;
  if (count === 0) return unknownArchive(name, 'it is no tar, nor a compressed one');
  const at = error.code === 'LAYER_TRUNCATED' ? 'the archive ends too early' : 'the archive is damaged there';
  return corruptMember(member, `is the last that could be read: ${at}`, error);
}

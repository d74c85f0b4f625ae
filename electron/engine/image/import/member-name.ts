import { posix } from 'node:path';
import type { Digest } from '../../base/digest.ts';

/**
 * The one spelling of a member's name, by which it is looked up: no leading `/` or `./`, no `//`. Undefined for a name that
 * leads out of the archive, which names no member. Names are never used as paths on the host.
 */
export function memberName(written: string): string | undefined {
  const name = posix.normalize(written.replace(/^\/+/, ''));
  return name === '.' || name === '..' || name.startsWith('../') || name.includes('\0')
    ? undefined
    : name.replace(/\/$/, '');
}

/** Where a link member leads within the archive. */
export function linkTarget(name: string, type: 'symlink' | 'hardlink', target: string): string | undefined {
  if (type === 'hardlink') return memberName(target);
  return target.startsWith('/') ? undefined : memberName(posix.join(posix.dirname(name), target));
}

/** The digest that a blob's name promises. */
export function blobDigest(name: string): Digest | undefined {
  const hex = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1];
  return hex === undefined ? undefined : `sha256:${hex}`;
}

/** The name of a blob in an image layout. */
export function blobName(digest: Digest): string {
  return `blobs/${digest.replace(':', '/')}`;
}

import { hash } from 'node:crypto';

/** A content address, always `sha256:` and 64 lower-case hex digits (OCI image spec, descriptor.md). */
export type Digest = `sha256:${string}`;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Whether the text is a digest this engine accepts. Everything from outside passes here before it is used as a file name. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && DIGEST.test(text);
}

/** The digest of the bytes, or of the text as UTF-8. */
export function digestOf(data: string | Uint8Array): Digest {
  return `sha256:${hash('sha256', data, 'hex')}`;
}

/** The 64 hex digits of a digest. */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { constants as zlib, createGunzip, createZstdDecompress } from 'node:zlib';

export type ArchiveFormat = 'oci' | 'docker';

/** Answers the 512 bytes at an offset, or undefined past the end. */
type ReadBlock = (offset: number) => Promise<Buffer | undefined>;

const BLOCK = 512;
const HEAD_BYTES = 1024 * 1024;
const MAX_MEMBERS = 50_000;
const LEGACY_MEMBER = /^[0-9a-f]{64}(?:\.tar|\.json|\/.*)?$/;

/**
 * Which kind of image archive a regular file is, by its content: an OCI archive, a `docker save` archive, or undefined for
 * anything else. Only tar headers are read; of a compressed file only its first MiB, where the first members tell.
 */
export async function peekArchive(path: string): Promise<ArchiveFormat | undefined> {
  // The file may have become a fifo since it was looked at: O_NONBLOCK keeps the open from waiting for a writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) return undefined;
    const head = await readAt(file, 0, 4);
    if (head.length < 4) return undefined;
    if (head.readUInt16BE(0) === 0x1f8b)
      return await peekCompressed(file, createGunzip({ finishFlush: zlib.Z_SYNC_FLUSH }));
    if (head.readUInt32LE(0) === 0xfd2fb528)
      return await peekCompressed(file, createZstdDecompress({ finishFlush: zlib.ZSTD_e_flush }));
    return await scanMembers(async (offset) => {
      const block = await readAt(file, offset, BLOCK);
      return block.length === BLOCK ? block : undefined;
    });
  } finally {
    await file.close();
  }
}

async function peekCompressed(file: FileHandle, inflate: Duplex): Promise<ArchiveFormat | undefined> {
  const head = await inflateHead(await readAt(file, 0, HEAD_BYTES), inflate);
  return scanMembers(async (offset) =>
    offset + BLOCK <= head.length ? head.subarray(offset, offset + BLOCK) : undefined,
  );
}

/** What comes out for the first bytes of a compressed file, up to 1 MiB however much that would be; nothing if they are broken. */
async function inflateHead(head: Buffer, inflate: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  inflate.end(head);
  try {
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= HEAD_BYTES) break;
    }
  } catch {
    return Buffer.alloc(0);
  }
  return Buffer.concat(chunks);
}

/** `manifest.json` makes it Docker's, even beside an OCI layout, as `docker save` writes both. */
async function scanMembers(read: ReadBlock): Promise<ArchiveFormat | undefined> {
  let oci = false;
  let legacy = false;
  let offset = 0;
  for (let members = 0; members < MAX_MEMBERS; members++) {
    const header = await read(offset);
    if (!header || !isTarHeader(header)) break;
    const name = memberName(header);
    if (name === 'manifest.json') return 'docker';
    if (name === 'oci-layout' || name.startsWith('blobs/sha256/')) oci = true;
    if (LEGACY_MEMBER.test(name)) legacy = true;
    offset += BLOCK + Math.ceil(memberSize(header) / BLOCK) * BLOCK;
  }
  if (oci) return 'oci';
  return legacy ? 'docker' : undefined;
}

function isTarHeader(header: Buffer): boolean {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : header[i]!;
  return sum === parseInt(header.toString('latin1', 148, 156), 8);
}

function memberName(header: Buffer): string {
  const [name = ''] = header.toString('latin1', 0, 100).split('\0', 1);
  return name.replace(/^\.\//, '');
}

function memberSize(header: Buffer): number {
  if (header[124]! & 0x80) return Number(header.readBigUInt64BE(128));
  return parseInt(header.toString('latin1', 124, 136), 8) || 0;
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

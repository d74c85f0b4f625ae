import { END_OF_ARCHIVE, FIELD, paddingOf } from './tar-format.ts';
import { encodeTarHeader, type ArchivedEntry } from './tar-header.ts';

/** Archives for tests: well-formed ones, and such as nobody's tar would write. */

export type FixtureMember = {
  readonly name: string;
  readonly data?: string | Uint8Array;
} & Partial<ArchivedEntry>;

/** The member's header and content. A name that ends in a slash is a folder's. */
export function tarMember({ data = '', ...member }: FixtureMember): Buffer {
  const content = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data);
  const isFolder = member.type === 'dir' || (member.type === undefined && member.name.endsWith('/'));
  const header = encodeTarHeader({
    type: isFolder ? 'dir' : 'file',
    mode: isFolder ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    size: content.length,
    ...member,
    name: isFolder && member.name.endsWith('/') ? member.name.slice(0, -1) : member.name,
  });
  return Buffer.concat([header, content, Buffer.alloc(paddingOf(content.length))]);
}

/** A whole archive. Buffers go in as they are. */
export function tarOf(...members: readonly (FixtureMember | Buffer)[]): Buffer {
  const parts = members.map((member) => (Buffer.isBuffer(member) ? member : tarMember(member)));
  return Buffer.concat([...parts, END_OF_ARCHIVE]);
}

/** The bytes with fields of the first header overwritten (up to the field's length) and its checksum made right again. */
export function patched(
  bytes: Buffer,
  changes: Partial<Record<keyof typeof FIELD, string | Uint8Array>>,
): Buffer {
  const copy = Buffer.from(bytes);
  for (const [field, value] of Object.entries(changes)) {
    const [offset, length] = FIELD[field as keyof typeof FIELD];
    const data = typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
    copy.fill(0, offset, offset + length);
    copy.set(data.subarray(0, length), offset);
  }
  const [offset, length] = FIELD.checksum;
  if (changes.checksum === undefined) {
    copy.fill(0x20, offset, offset + length);
    const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, offset, 'latin1');
  }
  return copy;
}

/** An extended header (`x`, `g`), or a GNU long name (`L`) or link (`K`), with this content. */
export function extendedHeader(flag: 'x' | 'g' | 'L' | 'K', content: string | Uint8Array): Buffer {
  return patched(tarMember({ name: 'PaxHeader', data: content }), { type: flag });
}

/** One PAX record. */
export function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(`${key}=${value}`) + 2;
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

/** Eight or twelve bytes of GNU's base-256. */
export function base256(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = BigInt.asUintN(length * 8, value);
  for (let i = length - 1; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  bytes[0]! |= 0x80;
  return bytes;
}

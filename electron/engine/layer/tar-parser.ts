import { decodeName, displayName } from '../base/byte-path.ts';
import { EngineError } from '../base/errors.ts';
import { readPaxRecords, type PaxFields } from './pax.ts';
import { damaged, fieldNumber, fieldText, hasValidChecksum, isZeroBlock } from './tar-fields.ts';
import { BLOCK, FIELD, MAX_EXTENDED_HEADER, MAX_OCTAL_7, paddingOf } from './tar-format.ts';
import type { ArchivedEntry } from './tar-header.ts';

/**
 * A push parser for tar archives that nobody vouches for: V7, ustar, PAX, GNU and star headers. It holds one block or one
 * extended header at a time (at most 1 MiB) and allocates nothing by the sizes an archive claims.
 */
export interface TarParser {
  /** Takes the next bytes of the archive and calls the handler for what is in them. The chunk is not kept. */
  push(chunk: Uint8Array): void;
  /** To be called after the last chunk. Fails with LAYER_TRUNCATED where something is missing. */
  finish(): void;
}

/** One member as its headers say it; the name is still the archive's own: see entry-path.ts. */
export interface TarMember extends ArchivedEntry {
  /** Where its content starts in the archive. */
  readonly offset: number;
  /** The directory carries overlayfs's opaque mark; read from our own overlay's upper directory only. */
  readonly opaque?: true;
}

export interface TarHandler {
  member(member: TarMember): void;
  /** Content of the last member, piece by piece; valid during the call. */
  data?(chunk: Buffer): void;
  /** The last member's content is complete; called for members without content too. */
  end?(member: TarMember): void;
}

/** More headers than any image has, and few enough to be listed in memory. */
const MAX_MEMBERS = 5_000_000;
const MAX_ID = 0xffff_ffff;

const TYPES: Readonly<Record<string, TarMember['type']>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'dir',
  D: 'dir',
  '6': 'fifo',
};

/**
 * Errors: LAYER_CORRUPT (bad checksum, number, record or order of blocks), LAYER_TRUNCATED, LAYER_UNSUPPORTED_ENTRY (sparse
 * files, multi-volume and vendor types), LAYER_TOO_MANY_ENTRIES. A missing end-of-archive marker is accepted, as is
 * anything after one.
 */
export function createTarParser(handler: TarHandler, maxMembers: number = MAX_MEMBERS): TarParser {
  const carry = Buffer.alloc(BLOCK);
  let carried = 0;
  let position = 0;
  let padding = 0;
  let remaining = 0;
  let headers = 0;
  let zeroBlocks = 0;
  let ended = false;
  let globals: PaxFields = {};
  let fields: PaxFields | undefined;
  let longName: string | undefined;
  let longLink: string | undefined;
  let member: TarMember | undefined;
  let extended: { readonly flag: string; readonly at: number; readonly parts: Buffer[] } | undefined;

  function onBlock(block: Buffer): void {
    const at = position - BLOCK;
    if (block[0] === 0 && isZeroBlock(block)) {
      zeroBlocks++;
      ended = zeroBlocks === 2;
      return;
    }
    if (zeroBlocks > 0) throw damaged('a lone block of zeros lies between two entries', at);
    if (!hasValidChecksum(block)) throw damaged('a header has a wrong checksum', at);
    if (++headers > maxMembers) {
      throw new EngineError('LAYER_TOO_MANY_ENTRIES', `The archive has more than ${maxMembers} entries.`);
    }
    const flag = String.fromCharCode(block[FIELD.type[0]]!);
    if ('xXgLKV'.includes(flag)) onExtended(flag, block, at);
    else onMember(flag, block, at);
  }

  function onExtended(flag: string, block: Buffer, at: number): void {
    const size = sizeOf(fieldNumber(block, FIELD.size, at), at);
    if (size > MAX_EXTENDED_HEADER) throw damaged('an extended header is larger than 1 MiB', at);
    extended = { flag, at, parts: [] };
    remaining = size;
    padding = paddingOf(size);
    if (size === 0) onContentEnd();
  }

  function onMember(flag: string, block: Buffer, at: number): void {
    const pax = fields ?? globals;
    const name = longName ?? pax.path ?? headerName(block);
    const size = sizeOf(pax.size ?? fieldNumber(block, FIELD.size, at), at);
    member = toMember(flag, block, at, name, longLink ?? pax.linkpath, pax, size);
    fields = longName = longLink = undefined;
    // As in every common reader, only files and GNU's dumped directories have content, whatever the others claim.
    remaining = flag === 'D' ? size : member.size;
    padding = paddingOf(remaining);
    handler.member(member);
    if (remaining === 0) onContentEnd();
  }

  function onContentEnd(): void {
    if (!extended) {
      handler.end?.(member!);
      return;
    }
    const { flag, at, parts } = extended;
    extended = undefined;
    const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    if (flag === 'g') {
      globals = readPaxRecords(bytes, globals, at);
      delete globals.xattrs;
    } else if (flag === 'x' || flag === 'X') fields = readPaxRecords(bytes, globals, at);
    else if (flag === 'L') longName = untilNul(bytes);
    else if (flag === 'K') longLink = untilNul(bytes);
  }

  function toMember(
    flag: string,
    block: Buffer,
    at: number,
    name: string,
    link: string | undefined,
    pax: PaxFields,
    size: number,
  ): TarMember {
    let type = Object.hasOwn(TYPES, flag) ? TYPES[flag] : undefined;
    if (type === undefined || pax.sparse) {
      const what =
        pax.sparse || flag === 'S' ? 'a sparse file' : `of the unknown type ${JSON.stringify(flag)}`;
      throw new EngineError(
        'LAYER_UNSUPPORTED_ENTRY',
        `The archive's entry ${displayName(name)} is ${what}.`,
        {
          hint: 'Make the archive again without sparse files (tar without --sparse).',
        },
      );
    }
    if (type === 'file' && name.endsWith('/')) type = 'dir';
    const isLink = type === 'symlink' || type === 'hardlink';
    return {
      name,
      type,
      mode: fieldNumber(block, FIELD.mode, at) & 0o7777,
      uid: idOf(pax.uid ?? fieldNumber(block, FIELD.uid, at), at),
      gid: idOf(pax.gid ?? fieldNumber(block, FIELD.gid, at), at),
      mtime: pax.mtime ?? fieldNumber(block, FIELD.mtime, at),
      size: type === 'file' ? size : 0,
      offset: position,
      ...(isLink ? { linkname: link ?? fieldText(block, FIELD.linkname) } : {}),
      ...(type === 'char' || type === 'block' ? { device: deviceOf(block, at) } : {}),
      ...(pax.xattrs === undefined ? {} : { xattrs: Object.fromEntries(pax.xattrs) }),
      ...(pax.opaque && type === 'dir' ? { opaque: true as const } : {}),
    };
  }

  return {
    push(data) {
      const chunk = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      for (let at = 0; at < chunk.length && !ended;) {
        const rest = chunk.length - at;
        let taken: number;
        if (remaining > 0) {
          taken = Math.min(remaining, rest);
          const part = chunk.subarray(at, at + taken);
          if (extended) extended.parts.push(Buffer.from(part));
          else if (member!.type === 'file') handler.data?.(part);
          remaining -= taken;
          position += taken;
          if (remaining === 0) onContentEnd();
        } else if (padding > 0) {
          taken = Math.min(padding, rest);
          padding -= taken;
          position += taken;
        } else if (carried === 0 && rest >= BLOCK) {
          taken = BLOCK;
          position += taken;
          onBlock(chunk.subarray(at, at + BLOCK));
        } else {
          taken = Math.min(BLOCK - carried, rest);
          chunk.copy(carry, carried, at, at + taken);
          carried += taken;
          position += taken;
          if (carried === BLOCK) {
            carried = 0;
            onBlock(carry);
          }
        }
        at += taken;
      }
    },
    finish() {
      if (ended) return;
      if (remaining > 0 || carried > 0 || fields || longName !== undefined || longLink !== undefined) {
        const inside = member && !extended && remaining > 0 ? ` inside ${displayName(member.name)}` : '';
        throw new EngineError('LAYER_TRUNCATED', `The archive ends too early, at byte ${position}${inside}.`);
      }
    },
  };
}

function headerName(block: Buffer): string {
  const name = fieldText(block, FIELD.name);
  const magic = block.toString('latin1', FIELD.magic[0], FIELD.magic[0] + 6);
  // GNU's headers say "ustar " and keep other things where the prefix would be; star's prefix is shorter.
  if (magic !== 'ustar\0') return name;
  const isStar = block.toString('latin1', BLOCK - 4, BLOCK) === 'tar\0';
  const prefix = fieldText(block, isStar ? [FIELD.prefix[0], 131] : FIELD.prefix);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function deviceOf(block: Buffer, at: number): readonly [number, number] {
  const device = [fieldNumber(block, FIELD.major, at), fieldNumber(block, FIELD.minor, at)] as const;
  for (const number of device) {
    if (number < 0 || number > MAX_OCTAL_7) throw damaged('a device number is out of range', at);
  }
  return device;
}

function sizeOf(size: number, at: number): number {
  if (size < 0) throw damaged('an entry has a negative size', at);
  return size;
}

function idOf(id: number, at: number): number {
  if (id < 0 || id > MAX_ID) throw damaged('a user or group id is out of range', at);
  return id;
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return decodeName(end < 0 ? bytes : bytes.subarray(0, end));
}

import type { Tree } from '../support/tree.ts';
import type { ParityCase } from './parity-case.ts';

const PACKED: Tree = {
  dir: { dir: true, mode: 0o2750, uid: 1000, gid: 50 },
  'dir/file': { text: 'packed', mode: 0o4755, uid: 1000, gid: 1001 },
  'dir/hard': { hardlink: 'dir/file' },
  'dir/link': { symlink: 'file' },
  'latin-\udce9': 'bytes',
  ['n'.repeat(200)]: 'long',
};

const packed = (name: string, compress?: '--gzip' | '--bzip2' | '--xz' | '--zstd'): ParityCase => ({
  name: `unpacks ${name}`,
  dockerfile: `FROM scratch\nADD ${name} /x/`,
  context: { [name]: { tar: PACKED, ...(compress ? { compress } : {}) } },
});

/** ADD of files in the context, archives unpacked. */
export const ADD_CASES: readonly ParityCase[] = [
  packed('plain.tar'),
  packed('packed.tar.gz', '--gzip'),
  packed('packed.tar.bz2', '--bzip2'),
  packed('packed.tar.xz', '--xz'),
  packed('packed.tar.zst', '--zstd'),
  packed('no-extension', '--gzip'),
  {
    name: 'plain files and folders as COPY does',
    dockerfile: 'FROM scratch\nADD a.txt d /x/\nADD --chown=1:2 a.txt /y',
    context: { 'a.txt': 'a', 'd/in.tar': { tar: { x: 'x' } }, 'd/e': 'e', 'not.tar': 'no tar at all' },
  },
  {
    name: 'a name like an archive is a file',
    dockerfile: 'FROM scratch\nADD not.tar.gz /x/',
    context: { 'not.tar.gz': 'no' },
  },
  {
    name: 'over the base: linked folders, replaced files, kept folders',
    dockerfile: 'FROM localhost/base\nADD over.tar /',
    context: {
      'over.tar': {
        tar: {
          'usr/bin/su': { text: 'new su', mode: 0o700 },
          'opt/app': { dir: true, mode: 0o700 },
          'opt/app/more': 'more',
          'etc/motd': 'a file now',
          'srv/deep/er': 'x',
        },
      },
    },
  },
  {
    name: 'extended attributes',
    dockerfile: 'FROM scratch\nADD x.tar /x/',
    context: { 'x.tar': { tar: { a: { text: 'a', xattr: 'user.colour=blue' } } } },
  },
  {
    name: 'several archives and a file',
    dockerfile: 'FROM scratch\nADD one.tar two.tar f /x/',
    context: { 'one.tar': { tar: { s: 'one', a: 'a' } }, 'two.tar': { tar: { s: 'two', b: 'b' } }, f: 'f' },
  },
];

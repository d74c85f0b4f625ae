import type { Tree } from '../support/tree.ts';
import { fileLine, type ParityCase } from './parity-case.ts';

const DROPS_SET_ID = 'buildah clears the set-id bits of the context; BuildKit keeps them';
const REPLACES_LINKS =
  'buildah replaces a link at the destination; BuildKit follows it, in the last place too';

const SOURCES: Tree = {
  'src/a.txt': 'a',
  'src/b.txt': 'b',
  'src/c.md': 'c',
  'src/sub/d.txt': { text: 'd', mode: 0o600 },
  'src/sub/deep/e': { text: 'e', mode: 0o755 },
  'top.txt': 'top',
  'list.json': '{}',
};

const LINKS: Tree = {
  'data/real.txt': 'real',
  'data/inside': { symlink: 'real.txt' },
  'data/up': { symlink: '../other' },
  'data/absolute': { symlink: '/etc/passwd' },
  'data/dangling': { symlink: 'nowhere' },
  'other/file': 'other',
  linked: { symlink: 'data' },
  'linked-file': { symlink: 'data/real.txt' },
};

const LONG = 'n'.repeat(200);

/** COPY from the context: what is chosen, where it goes, and what becomes of it. */
export const COPY_CASES: readonly ParityCase[] = [
  { name: 'one file to a new name', dockerfile: 'FROM scratch\nCOPY top.txt /renamed', context: SOURCES },
  { name: 'one file into a new folder', dockerfile: 'FROM scratch\nCOPY top.txt /a/b/c/', context: SOURCES },
  { name: 'the whole context', dockerfile: 'FROM scratch\nCOPY . /', context: SOURCES },
  {
    name: 'the contents of a folder, into nothing',
    dockerfile: 'FROM scratch\nCOPY src /dest',
    context: SOURCES,
  },
  {
    name: 'a folder onto itself twice',
    dockerfile: 'FROM scratch\nCOPY src /d\nCOPY src/sub /d',
    context: SOURCES,
  },
  {
    name: 'wildcards',
    dockerfile: 'FROM scratch\nCOPY src/*.txt /w/\nCOPY [a-t]*.??? /v/',
    context: SOURCES,
  },
  { name: 'a wildcard that matches folders', dockerfile: 'FROM scratch\nCOPY s* /w/', context: SOURCES },
  {
    name: 'several sources',
    dockerfile: 'FROM scratch\nCOPY top.txt src list.json /many/',
    context: SOURCES,
  },
  {
    name: 'JSON form with blanks in names',
    dockerfile: 'FROM scratch\nCOPY ["with blank", "/to here/"]',
    context: { 'with blank': 'x' },
  },
  {
    name: 'sources with dots and slashes',
    dockerfile: 'FROM scratch\nCOPY ./src/../top.txt /src//sub/ /x/',
    context: SOURCES,
  },
  {
    name: 'a source that climbs stays in the context',
    dockerfile: 'FROM scratch\nCOPY ../../top.txt /x/',
    context: SOURCES,
  },
  {
    name: 'a relative destination',
    dockerfile: 'FROM scratch\nWORKDIR /w\nCOPY top.txt .\nCOPY top.txt sub/x',
    context: SOURCES,
  },
  {
    name: 'links in sources are followed, below they are kept',
    dockerfile: 'FROM scratch\nCOPY linked /l/\nCOPY linked-file /f\nCOPY data /d/',
    context: LINKS,
  },
  {
    name: 'modes: set-id, sticky, unreadable',
    dockerfile: 'FROM scratch\nCOPY . /m/',
    context: {
      setuid: { text: 's', mode: 0o4755 },
      setgid: { text: 's', mode: 0o2711 },
      sticky: { dir: true, mode: 0o1777 },
      'sticky/x': 'x',
      none: { text: 'n', mode: 0 },
      'closed/f': 'f',
      'setgid-folder': { dir: true, mode: 0o2750 },
    },
    except: [
      { path: 'm/setuid', ours: fileLine('4755 0:0', 'm/setuid', 's'), why: DROPS_SET_ID },
      { path: 'm/setgid', ours: fileLine('2711 0:0', 'm/setgid', 's'), why: DROPS_SET_ID },
      { path: 'm/setgid-folder', ours: 'dir 2750 0:0 - m/setgid-folder', why: DROPS_SET_ID },
    ],
  },
  {
    name: 'owners of the context are not kept',
    dockerfile: 'FROM scratch\nCOPY . /o/',
    context: {
      mine: { text: 'm', uid: 1234, gid: 4321 },
      folder: { dir: true, uid: 7, gid: 8 },
      'folder/l': { symlink: 'x', uid: 9, gid: 9 },
    },
  },
  {
    name: 'hard links',
    dockerfile: 'FROM scratch\nCOPY . /h/',
    context: { one: 'same', 'sub/two': { hardlink: 'one' }, three: { hardlink: 'one' }, other: 'same' },
  },
  {
    name: 'names: not UTF-8, 200 characters, blanks, dots',
    dockerfile: 'FROM scratch\nCOPY . /n/',
    context: {
      'latin-\udce9\udcff': 'bytes',
      [LONG]: 'long',
      [`${LONG}/${LONG}/${LONG}`.replace(/^n/, 'm')]: 'very long',
      'new\nline and "quotes"': 'odd',
      'ünï-日本-😀': 'unicode',
      '.hidden/.gitkeep': '',
      '..dots': 'dots',
      'link-long': { symlink: LONG },
    },
  },
  {
    name: 'empty folders and empty files',
    dockerfile: 'FROM scratch\nCOPY . /e/',
    context: { empty: { dir: true, mode: 0o711 }, 'deep/er/empty': { dir: true }, zero: '' },
  },
  {
    name: 'into linked folders of the base',
    dockerfile:
      'FROM localhost/base\nCOPY top.txt /bin/tool\nCOPY top.txt /sbin/\nCOPY src /opt/current/\nCOPY top.txt /opt/climbs/x\nCOPY top.txt /var/run/pid/file',
    context: SOURCES,
  },
  {
    name: 'a folder onto a link to a folder',
    dockerfile: 'FROM localhost/base\nCOPY src /opt/current\nCOPY src /sbin',
    context: SOURCES,
  },
  {
    name: 'a file onto a file',
    dockerfile: 'FROM localhost/base\nCOPY top.txt /etc/passwd',
    context: SOURCES,
  },
  {
    name: 'a file through a link to a file',
    dockerfile: 'FROM localhost/base\nCOPY top.txt /opt/file-link',
    context: SOURCES,
    except: [
      { path: 'opt/file-link', ours: 'link 0777 0:0 - opt/file-link -> app/config', why: REPLACES_LINKS },
      { path: 'opt/app/config', ours: fileLine('0644 0:0', 'opt/app/config', 'top'), why: REPLACES_LINKS },
    ],
  },
  {
    name: 'below a link that leads nowhere',
    dockerfile: 'FROM localhost/base\nCOPY top.txt /opt/missing/x',
    context: SOURCES,
  },
  {
    name: 'a file onto a hard link',
    dockerfile: 'FROM localhost/base\nCOPY --chmod=755 top.txt /usr/bin/sh',
    context: SOURCES,
  },
  {
    name: 'folders of the base keep what they are',
    dockerfile: 'FROM localhost/base\nCOPY src /tmp/\nCOPY top.txt /home/app/x\nCOPY . /opt/',
    context: { ...SOURCES, app: { dir: true, mode: 0o700 } },
  },
];

/** .dockerignore. */
export const IGNORE_CASES: readonly ParityCase[] = [
  {
    name: 'exceptions, order and comments',
    dockerfile: 'FROM scratch\nCOPY . /i/',
    context: {
      '.dockerignore': '# comment\n*\n!src\n!top.*\nsrc/*.md\nsrc/sub/**\n!src/sub/deep/e\n.dockerignore\n',
      ...SOURCES,
    },
  },
  {
    name: '** and rooted patterns',
    dockerfile: 'FROM scratch\nCOPY . /i/',
    context: {
      '.dockerignore': '**/*.log\n/build\n**/cache/\n!keep.log\nDockerfile\n  spaced  \n',
      'a.log': 'x',
      'keep.log': 'x',
      'x/b.log': 'x',
      'x/cache/c': 'x',
      'build/d': 'x',
      'x/build/e': 'x',
      spaced: 'x',
    },
  },
];

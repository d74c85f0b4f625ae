import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  extendedHeader,
  paxRecord,
  patched,
  tarMember,
  type FixtureMember,
} from '../../electron/engine/layer/tar-fixture.ts';
import {
  expectNoCanaryIn,
  openHostileEngine,
  SHELL,
  unharmed,
  type HostileEngine,
  type Layer,
} from './hostile-engine.ts';
import { strayFiles } from './run-census.ts';

/** Layers that nobody vouches for, loaded, unpacked and used by RUN: nothing of them may get out of the image. */

let hostile: HostileEngine;

/** What a command prints in the image; `{ refused }`: the code of the error, at loading or at the command. */
type Expected = string | RegExp | { readonly refused: RegExp };
type Case = readonly [
  name: string,
  layers: (canary: string) => readonly Layer[],
  command: string,
  expected: Expected,
];

const file = (name: string, data = 'evil'): FixtureMember => ({ name, data });
const link = (name: string, linkname: string): FixtureMember => ({ name, type: 'symlink', linkname });
const hard = (name: string, linkname: string): FixtureMember => ({ name, type: 'hardlink', linkname });
const UP = '../'.repeat(20);
const inside = (canary: string, name: string): string => `${canary.slice(1)}/${name}`;

const ESCAPES: readonly Case[] = [
  ['a name that goes up', (canary) => [[file(`${UP}${inside(canary, 'x')}`)]], '', { refused: /CORRUPT/ }],
  ['a name that goes up later', () => [[file('a/../../x')]], '', { refused: /CORRUPT/ }],
  ['an absolute name', (canary) => [[file(`${canary}/x`)]], 'cat $CANARY/x', 'evil'],
  [
    'a link out, and a file through it',
    (canary) => [[link('l', canary), file('l/file')]],
    'cat /l/file; ls $CANARY',
    'evilfile\n',
  ],
  [
    'a link up, and a file through it',
    () => [[link('l', '..'), file(`l/${UP}x`)]],
    '',
    { refused: /CORRUPT/ },
  ],
  [
    'a relative link out, and a file through it',
    (canary) => [[link('l', `${UP}${canary.slice(1)}`), file('l/file')]],
    'cat /l/file',
    'evil',
  ],
  [
    'a link in one layer, a file through it in the next',
    (canary) => [[link('l', canary)], [file('l/file')]],
    'cat /l/file',
    'evil',
  ],
  [
    'a folder that becomes a link and a folder again',
    (canary) => [[{ name: 'foo/' }, link('foo', '/'), file(`foo${canary}/file`), { name: 'foo/' }]],
    'cat $CANARY/file; ls -d /foo',
    /evil/,
  ],
  [
    'a link chain to the host',
    (canary) => [[link('a', 'b'), link('b', '/c'), link('c', canary), file('a/sub/file')]],
    'cat /a/sub/file',
    'evil',
  ],
  [
    'a hard link up',
    (canary) => [[hard('p', `${UP}${inside(canary, 'passwd')}`)]],
    '',
    { refused: /CORRUPT/ },
  ],
  [
    'a hard link to a file of the host',
    (canary) => [[hard('p', `${canary}/passwd`)]],
    '',
    { refused: /BROKEN_LINK/ },
  ],
  [
    'a hard link through a link out',
    (canary) => [[link('l', canary), hard('p', 'l/passwd')]],
    '',
    { refused: /BROKEN_LINK|CORRUPT/ },
  ],
  [
    'a hard link to a link out, overwritten',
    (canary) => [[link('s', `${canary}/passwd`), hard('h', 's'), { ...file('h'), mode: 0o777 }]],
    'cat /h; ls -l /s',
    /^evil.*-> /s,
  ],
  ['a file over a link out', (canary) => [[link('s', `${canary}/file`), file('s')]], 'cat /s', 'evil'],
  [
    'a file over a link out of the layer below',
    (canary) => [[link('s', `${canary}/file`)], [file('s')]],
    'cat /s',
    'evil',
  ],
  [
    'two links in a circle',
    () => [[link('a', 'b'), link('b', 'a'), file('a/x')]],
    '',
    { refused: /CORRUPT/ },
  ],
];

const WHITEOUTS: readonly Case[] = [
  ['a whiteout of the parent', () => [[file('etc/.wh...', '')]], '', { refused: /CORRUPT/ }],
  ['a whiteout of the folder itself', () => [[file('.wh..', '')]], '', { refused: /CORRUPT/ }],
  ['a whiteout of nothing', () => [[file('.wh.', '')]], '', { refused: /CORRUPT/ }],
  [
    'a whiteout through a link out',
    (canary) => [[link('l', canary)], [file('l/.wh.file', '')]],
    'echo unharmed',
    'unharmed\n',
  ],
  [
    'an opaque mark on a link out',
    (canary) => [[link('l', canary)], [file('l/.wh..wh..opq', '')]],
    'echo unharmed',
    'unharmed\n',
  ],
  [
    'an opaque mark after its siblings hides only what is below',
    () => [[file('d/old')], [file('d/new'), file('d/.wh..wh..opq', '')]],
    'ls /d',
    'new\n',
  ],
  ['everything gone, and a shell again', () => [[file('.wh..wh..opq', '')], SHELL], 'ls /', /^bin\n/],
  [
    'a state file of AUFS',
    () => [[file('.wh..wh.plnk/x', '')]],
    'ls -a /.wh* 2>/dev/null; echo none',
    'none\n',
  ],
];

const NAMES: readonly Case[] = [
  [
    'no name',
    () => [[patched(tarMember({ name: 'x', data: 'y' }), { name: '' })]],
    '',
    { refused: /CORRUPT/ },
  ],
  ['dots and slashes', () => [[file('./a//b/./c')]], 'cat /a/b/c', 'evil'],
  [
    'NUL in a long name',
    () => [[extendedHeader('x', paxRecord('path', 'a\0b')), tarMember(file('x'))]],
    '',
    { refused: /CORRUPT/ },
  ],
  ['255 bytes', () => [[file('n'.repeat(255))]], 'ls / | busybox grep -c nnnn', '1\n'],
  ['256 bytes', () => [[file('n'.repeat(256))]], '', { refused: /CORRUPT/ }],
  ['4096 bytes', () => [[file('abc/'.repeat(1024) + 'x')]], '', { refused: /CORRUPT/ }],
  [
    'a line end and a byte that is no text',
    () => [[file('a\nb\udcff')]],
    'for f in /a*; do echo "$f" | busybox hexdump -C; done',
    / 2f 61 0a 62 ff 0a /,
  ],
  ['words of a command line', () => [[file('-rf'), file('--help'), file('$(touch x)')]], 'cat /-rf', 'evil'],
];

const SPECIAL: readonly Case[] = [
  [
    'devices are empty files while a command runs',
    () => [
      [
        { name: 'mem', type: 'char', device: [1, 1], mode: 0o666 },
        { name: 'sda', type: 'block', device: [8, 0], mode: 0o666 },
        { name: 'vda', type: 'block', device: [254, 0], mode: 0o666 },
      ],
    ],
    'for f in mem sda vda; do test -f /$f && cat /$f; done; echo read',
    'read\n',
  ],
  [
    'a pipe is never opened',
    () => [[{ name: 'pipe', type: 'fifo' }]],
    'test -p /pipe && echo pipe',
    'pipe\n',
  ],
  [
    'a file that runs as root keeps its mode in the image',
    () => [[{ name: 'su', data: 'x', mode: 0o4755 }]],
    'stat -c %a /su',
    '4755\n',
  ],
  [
    'attributes of overlayfs from outside mean nothing',
    (canary) => [
      [file('below/secret', 'lower')],
      [
        withAttributes('below/', {
          'trusted.overlay.opaque': 'y',
          'trusted.overlay.redirect': canary,
          'user.overlay.opaque': 'y',
        }),
        withAttributes('meta', {
          'trusted.overlay.metacopy': '',
          'trusted.overlay.redirect': '/below/secret',
        }),
      ],
    ],
    'cat /below/secret; busybox wc -c < /meta',
    'lower0\n',
  ],
  [
    'an access list',
    () => [[withAttributes('acl', { 'user.a': 'b'.repeat(3000) })]],
    'stat -c %a /acl',
    '644\n',
  ],
];

describe('layers from outside', () => {
  beforeAll(async () => {
    hostile = await openHostileEngine();
  });
  afterAll(() => hostile.close());

  describe.each([
    ['names and links that lead out', ESCAPES],
    ['whiteouts', WHITEOUTS],
    ['odd names', NAMES],
    ['special files and attributes', SPECIAL],
  ] as const)('%s', (_, cases) => {
    test.each(cases)('%s', async (_name, layers, command, expected) => {
      const text = `FROM hostile\nENV CANARY=${hostile.canary}\nRUN ${command || 'true'}\n`;
      const result = unharmed(hostile, async () => {
        await hostile.load([SHELL, ...layers(hostile.canary)]);
        return hostile.build(text);
      });
      if (typeof expected === 'object' && 'refused' in expected) {
        await expect(result).rejects.toMatchObject({
          code: expect.stringMatching(expected.refused) as string,
        });
      } else if (typeof expected === 'string') expect(await result).toBe(expected);
      else expect(await result).toMatch(expected);
      expect(strayFiles(hostile.store)).toEqual([]);
      expectNoCanaryIn(hostile.store);
    });
  });
});

function withAttributes(name: string, attributes: Readonly<Record<string, string>>): Buffer {
  const records = Object.entries(attributes).map(([key, value]) => paxRecord(`SCHILY.xattr.${key}`, value));
  return Buffer.concat([extendedHeader('x', records.join('')), tarMember({ name })]);
}

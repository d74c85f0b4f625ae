import { describe, expect, test } from 'vitest';
import { archiveEntry, archivedPath, cleanEntryPath, layerEntry, parentPath } from './entry-path.ts';
import type { TarMember } from './tar-parser.ts';

const member = (name: string, more: Partial<TarMember> = {}): TarMember => ({
  name,
  type: 'file',
  mode: 0o644,
  uid: 1,
  gid: 2,
  mtime: 3,
  size: 4,
  offset: 512,
  ...more,
});
const failsWith = (code: string) => expect.objectContaining({ code });

describe('names', () => {
  test.each([
    ['a', 'a'],
    ['./a', 'a'],
    ['/a/b', 'a/b'],
    ['///a', 'a'],
    ['a//b', 'a/b'],
    ['a/./b', 'a/b'],
    ['a/b/', 'a/b'],
    ['a/../b', 'b'],
    ['a/b/../../c', 'c'],
    ['a/..', ''],
    ['.', ''],
    ['./', ''],
    ['/', ''],
    ['..a/...', '..a/...'],
    ['.hidden/.x', '.hidden/.x'],
    ['with\nnewline', 'with\nnewline'],
    ['back\\slash', 'back\\slash'],
    ['a\udcff/b', 'a\udcff/b'],
    ['__proto__/constructor', '__proto__/constructor'],
    ['n'.repeat(255), 'n'.repeat(255)],
    [`${'ä'.repeat(127)}/x`, `${'ä'.repeat(127)}/x`],
    [`${'abc/'.repeat(1023)}abcd`, `${'abc/'.repeat(1023)}abcd`],
  ])('%j is %j', (name, path) => expect(cleanEntryPath(name)).toBe(path));

  test.each([
    ['..', 'LAYER_PATH_ESCAPE'],
    ['../x', 'LAYER_PATH_ESCAPE'],
    ['/../x', 'LAYER_PATH_ESCAPE'],
    ['./../x', 'LAYER_PATH_ESCAPE'],
    ['a/../../x', 'LAYER_PATH_ESCAPE'],
    ['../../../../tmp/canary', 'LAYER_PATH_ESCAPE'],
    ['a/b/../../..', 'LAYER_PATH_ESCAPE'],
    ['', 'LAYER_BAD_PATH'],
    ['a\0b', 'LAYER_BAD_PATH'],
    ['n'.repeat(256), 'LAYER_BAD_PATH'],
    [`x/${'ä'.repeat(128)}`, 'LAYER_BAD_PATH'],
    [`${'abc/'.repeat(1024)}a`, 'LAYER_BAD_PATH'],
  ])('%j is refused', (name, code) => expect(() => cleanEntryPath(name)).toThrowError(failsWith(code)));
});

describe('whiteouts', () => {
  test.each([
    ['.wh.x', 'whiteout', 'x'],
    ['a/b/.wh.c', 'whiteout', 'a/b/c'],
    ['./a/.wh.c/', 'whiteout', 'a/c'],
    ['a/.wh..c', 'whiteout', 'a/.c'],
    ['a/.wh....', 'whiteout', 'a/...'],
    ['.wh..wh..opq', 'opaque', ''],
    ['a/b/.wh..wh..opq', 'opaque', 'a/b'],
    [`.wh.${'n'.repeat(255)}`, 'whiteout', 'n'.repeat(255)],
    ['a/x.wh.y', 'file', 'a/x.wh.y'],
    ['a/wh.y', 'file', 'a/wh.y'],
  ])('%s is %s of %j', (name, type, path) => {
    expect(layerEntry(member(name))).toMatchObject({ type, path, uid: 1, gid: 2, mtime: 3 });
  });

  test.each(['.wh..wh.plnk', '.wh..wh.aufs', '.wh..wh.orph/', '.wh..wh.plnk/72.1', 'a/.wh..wh.foo'])(
    'AUFS\u2019s %s means nothing',
    (name) => expect(layerEntry(member(name))).toBeUndefined(),
  );

  test.each(['.wh.', '.wh..', '.wh...', 'etc/.wh...', 'etc/.wh..', 'a/.wh.b/c', '.wh.a/.wh.b'])(
    '%s is refused',
    (name) => {
      expect(() => layerEntry(member(name))).toThrowError(failsWith('LAYER_BAD_WHITEOUT'));
    },
  );

  test('are ordinary names in other archives', () => {
    expect(archiveEntry(member('a/.wh.b'))).toMatchObject({ type: 'file', path: 'a/.wh.b' });
  });
});

describe('entries', () => {
  test('hard links name a path of the archive, symbolic links stay as written', () => {
    expect(layerEntry(member('a', { type: 'hardlink', linkname: '/etc/./passwd' }))).toMatchObject({
      linkname: 'etc/passwd',
    });
    expect(layerEntry(member('a', { type: 'symlink', linkname: '/etc/../../x' }))).toMatchObject({
      linkname: '/etc/../../x',
    });
  });
  test.each([
    [
      'hard link out',
      member('p', { type: 'hardlink', linkname: '../../../../etc/passwd' }),
      'LAYER_PATH_ESCAPE',
    ],
    ['hard link to nothing', member('p', { type: 'hardlink', linkname: '' }), 'LAYER_BAD_PATH'],
    ['link to nothing', member('p', { type: 'symlink', linkname: '' }), 'LAYER_BAD_PATH'],
    ['link with NUL', member('p', { type: 'symlink', linkname: 'a\0' }), 'LAYER_BAD_PATH'],
    ['link of 4096 bytes', member('p', { type: 'symlink', linkname: 'a'.repeat(4096) }), 'LAYER_BAD_PATH'],
    ['a root that is a link', member('.', { type: 'symlink', linkname: '/tmp' }), 'LAYER_BAD_PATH'],
    ['a root that is a file', member('a/..'), 'LAYER_BAD_PATH'],
  ])('%s is refused', (_, entry, code) => expect(() => layerEntry(entry)).toThrowError(failsWith(code)));
});

describe('names in the archive', () => {
  test.each([
    ['file', 'a/b', 'a/b'],
    ['whiteout', 'a/b', 'a/.wh.b'],
    ['whiteout', 'b', '.wh.b'],
    ['opaque', 'a/b', 'a/b/.wh..wh..opq'],
    ['opaque', '', '.wh..wh..opq'],
    ['file', 'x.wh.y', 'x.wh.y'],
  ] as const)('%s %s is %s', (type, path, name) => expect(archivedPath({ type, path })).toBe(name));

  test.each(['.wh.x', 'a/.wh.x', '.wh.a/x', '.wh..wh..opq'])('a file %s cannot be stored', (path) => {
    expect(() => archivedPath({ type: 'file', path })).toThrowError(failsWith('LAYER_RESERVED_NAME'));
  });
});

test.each([
  ['a/b/c', 'a/b'],
  ['a', ''],
  ['', ''],
])('%j lies in %j', (path, parent) => expect(parentPath(path)).toBe(parent));

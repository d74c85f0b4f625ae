import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergedView, type MergedView, type ViewLayer } from './merged-view.ts';
import { resolvePath } from './resolve.ts';
import type { TocEntry } from './toc.ts';

/** One entry a line: `dir etc`, `file etc/passwd`, `symlink lib usr/lib`, `hardlink b a`, `whiteout x`, `opaque d`. */
function layer(id: number, ...lines: readonly string[]): ViewLayer {
  const toc = lines.map((line, i): TocEntry => {
    const [type, path, linkname] = line.split(' ') as [TocEntry['type'], string, string?];
    const entry = { path, type, mode: 0o600 + id, uid: id, gid: 0, mtime: 0, size: 0 };
    if (type === 'file')
      return { ...entry, size: 10, offset: 512 * (i + 1), digest: `${id}${i}`.padEnd(64, '0') };
    return linkname === undefined ? entry : { ...entry, linkname };
  });
  return { diffId: `sha256:${String(id).padStart(64, '0')}`, toc, blobPath: `/blobs/${id}` };
}
/** `d` of a folder, `-` of a file and so on, then the layer's number (`·` for implied folders) and the path. */
function listing(view: MergedView): string[] {
  return [...view.entries()].map(({ path, type }) => {
    const origin = view.layerOf(path);
    return `${type === 'dir' ? 'd' : type === 'file' ? '-' : type[0]}${origin ? Number(origin.slice(7)) : '·'} ${path}`;
  });
}
const view = (...layers: ViewLayer[]): MergedView => mergedView(layers, 'stage "test"');

describe('a stack of layers shows', () => {
  const base = layer(1, 'dir a', 'file a/x', 'dir a/sub', 'file a/sub/y', 'symlink l a', 'file z');
  test.each<[string, ViewLayer[], string[]]>([
    ['nothing', [], []],
    ['one layer', [base], ['d1 a', 'd1 a/sub', '-1 a/sub/y', '-1 a/x', 's1 l', '-1 z']],
    ['folders that no tar mentions', [layer(1, 'file a/b/c')], ['d· a', 'd· a/b', '-1 a/b/c']],
    [
      'a newer file',
      [base, layer(2, 'file a/x')],
      ['d1 a', 'd1 a/sub', '-1 a/sub/y', '-2 a/x', 's1 l', '-1 z'],
    ],
    [
      'a whiteout of a file',
      [base, layer(2, 'whiteout a/x')],
      ['d1 a', 'd1 a/sub', '-1 a/sub/y', 's1 l', '-1 z'],
    ],
    ['a whiteout of a folder', [base, layer(2, 'whiteout a')], ['s1 l', '-1 z']],
    [
      'a whiteout of nothing',
      [layer(1, 'file a'), layer(2, 'whiteout b', 'whiteout a/b', 'whiteout c/d')],
      ['-1 a'],
    ],
    [
      'a whiteout beside the same name',
      [base, layer(2, 'file a/x', 'whiteout a/x')],
      ['d1 a', 'd1 a/sub', '-1 a/sub/y', '-2 a/x', 's1 l', '-1 z'],
    ],
    [
      'a folder that is made anew',
      [base, layer(2, 'whiteout a', 'dir a', 'file a/n')],
      ['d2 a', '-2 a/n', 's1 l', '-1 z'],
    ],
    [
      'an opaque folder',
      [base, layer(2, 'dir a', 'opaque a', 'file a/n')],
      ['d2 a', '-2 a/n', 's1 l', '-1 z'],
    ],
    [
      'an opaque marker after its siblings',
      [base, layer(2, 'dir a', 'file a/n', 'opaque a')],
      ['d2 a', '-2 a/n', 's1 l', '-1 z'],
    ],
    ['an opaque folder of which nothing is said', [base, layer(2, 'opaque a')], ['d1 a', 's1 l', '-1 z']],
    ['an opaque root', [base, layer(2, 'opaque ', 'file n')], ['-2 n']],
    [
      'an opaque file and an opaque nothing',
      [base, layer(2, 'opaque z', 'opaque q')],
      ['d1 a', 'd1 a/sub', '-1 a/sub/y', '-1 a/x', 's1 l', '-1 z'],
    ],
    ['a file in place of a folder', [base, layer(2, 'file a')], ['-2 a', 's1 l', '-1 z']],
    [
      'a folder in place of a file',
      [base, layer(2, 'dir z', 'file z/n')],
      ['d1 a', 'd1 a/sub', '-1 a/sub/y', '-1 a/x', 's1 l', 'd2 z', '-2 z/n'],
    ],
    ['a folder back again is empty', [base, layer(2, 'file a'), layer(3, 'dir a')], ['d3 a', 's1 l', '-1 z']],
    [
      'a folder over a folder',
      [base, layer(2, 'dir a')],
      ['d2 a', 'd1 a/sub', '-1 a/sub/y', '-1 a/x', 's1 l', '-1 z'],
    ],
    [
      'a file below what was a link',
      [base, layer(2, 'file l/n')],
      ['d1 a', 'd1 a/sub', '-1 a/sub/y', '-1 a/x', 'd· l', '-2 l/n', '-1 z'],
    ],
    [
      'a whiteout through a link hides nothing',
      [base, layer(2, 'whiteout l/x')],
      ['d1 a', 'd1 a/sub', '-1 a/sub/y', '-1 a/x', 's1 l', '-1 z'],
    ],
    [
      'the last of several entries in one layer',
      [layer(1, 'file a', 'dir a', 'file a/b', 'file a/b')],
      ['d1 a', '-1 a/b'],
    ],
    [
      'names that objects have',
      [layer(1, 'file __proto__/constructor', 'file toString')],
      ['d· __proto__', '-1 __proto__/constructor', '-1 toString'],
    ],
  ])('%s', (_, layers, expected) => expect(listing(view(...layers))).toEqual(expected));
});

describe('metadata', () => {
  test('the root and folders nobody mentions are 0755 of root; a later mention counts', () => {
    const one = view(layer(1, 'file a/b'));
    expect(one.get('')).toMatchObject({ path: '', type: 'dir', mode: 0o755, uid: 0 });
    expect(one.get('a')).toMatchObject({ mode: 0o755, uid: 0 });
    const two = one.extend(layer(2, 'dir ', 'dir a'));
    expect(two.get('')).toMatchObject({ mode: 0o602, uid: 2 });
    expect(two.get('a')).toMatchObject({ mode: 0o602, uid: 2 });
    expect(two.get('a/b')).toMatchObject({ mode: 0o601, uid: 1 });
  });
  test('a folder that an upper layer only walks through keeps it', () => {
    expect(view(layer(1, 'dir tmp'), layer(2, 'file tmp/x')).get('tmp')).toMatchObject({ mode: 0o601 });
  });
});

describe('content', () => {
  test('is found in the layer that has it', async () => {
    const two = view(layer(1, 'file a', 'file b'), layer(2, 'file b'));
    const [a, b] = ['a', 'b'].map((path) => two.get(path)!);
    expect(two.content(a!)).toEqual({ kind: 'blob', path: '/blobs/1', offset: 512, size: 10 });
    expect(two.content(b!)).toEqual({ kind: 'blob', path: '/blobs/2', offset: 512, size: 10 });
    expect(await two.digests([b!, a!])).toEqual(['20'.padEnd(64, '0'), '10'.padEnd(64, '0')]);
    expect(() => two.content(two.get('')!)).toThrow();
  });

  test('of a hard link is that of its file, in this layer or below', async () => {
    const one = view(layer(1, 'file a', 'hardlink b a', 'file other'));
    const two = one.extend(layer(2, 'hardlink c b', 'file a'));
    const [a, b, c] = ['a', 'b', 'c'].map((path) => two.get(path)!);
    expect(two.content(c!)).toEqual(one.content(one.get('a')!));
    expect(b).toMatchObject({ path: 'b', type: 'file', size: 10, uid: 1 });
    expect(c!.inode).toBe(b!.inode);
    expect(one.get('a')!.inode).toBe(b!.inode);
    expect(a!.inode).not.toBe(b!.inode);
    expect(await two.digests([b!, c!])).toEqual(await one.digests([one.get('a')!, one.get('a')!]));
    expect(two.get('other')!.inode).toBeUndefined();
  });

  test('hard links to links, to themselves, and replaced ones', () => {
    const links = view(layer(1, 'symlink s /etc', 'hardlink h s', 'file f', 'hardlink f f'));
    expect(links.get('h')).toMatchObject({ type: 'symlink', linkname: '/etc' });
    expect(links.get('f')).toMatchObject({ type: 'file', size: 10 });
  });

  test.each([
    ['to nothing', ['hardlink b a']],
    ['to a folder', ['dir a', 'hardlink b a']],
    ['to the root', ['hardlink b ']],
    ['to what comes later', ['hardlink b a', 'file a']],
    ['to what the same layer hides', ['whiteout low', 'hardlink b low']],
  ])('a hard link %s is refused', (_, lines) => {
    expect(() => view(layer(1, 'file low'), layer(2, ...lines))).toThrowError(
      expect.objectContaining({ code: 'LAYER_BROKEN_LINK' }),
    );
  });
});

test('links are resolved inside the view, through all layers', () => {
  const stack = view(
    layer(1, 'symlink lib usr/lib', 'dir usr/lib'),
    layer(2, 'file usr/lib/x', 'symlink esc /../../usr'),
  );
  expect(resolvePath(stack, '/lib/x', { followLast: true }).entry).toMatchObject({
    path: 'usr/lib/x',
    uid: 2,
  });
  expect(resolvePath(stack, 'esc/lib/x', { followLast: true }).path).toBe('usr/lib/x');
});

test('lookups that lead nowhere', () => {
  const one = view(layer(1, 'file a', 'symlink l a'));
  for (const path of ['b', 'a/b', 'l/b', 'a/', '/a', 'a//b']) expect(one.get(path)).toBeUndefined();
  expect(one.children('a')).toEqual([]);
  expect(one.children('nothing')).toEqual([]);
  expect(one.layerOf('nothing')).toBeUndefined();
});

test('labels', () => {
  expect(view().extend(layer(1)).label).toBe('stage "test"');
  expect(view().extend(layer(1), 'image x').label).toBe('image x');
});

test('one small layer on a large one costs next to nothing', () => {
  const lines = Array.from({ length: 50_000 }, (_, i) => `file usr/p${i % 300}/f${i}`);
  let stack = view(layer(1, ...lines));
  const started = performance.now();
  for (let i = 2; i < 100; i++)
    stack = stack.extend(layer(i, `file usr/p${i}/n`, `whiteout usr/p${i}/f${i}`));
  expect(performance.now() - started).toBeLessThan(1_000);
  expect([...stack.entries()]).toHaveLength(50_000 + 301);
});

/** The same rules on a flat map, slowly. */
function naive(layers: readonly ViewLayer[]): string[] {
  const found = new Map<string, string>();
  const drop = (path: string): void => {
    for (const key of [...found.keys()]) if (key === path || key.startsWith(`${path}/`)) found.delete(key);
  };
  const isDir = (path: string): boolean => found.get(path)?.startsWith('d') ?? false;
  for (const { toc, diffId } of layers) {
    for (const { type, path } of toc) {
      if (type === 'whiteout') drop(path);
      if (type === 'opaque')
        for (const key of [...found.keys()]) if (path === '' || key.startsWith(`${path}/`)) found.delete(key);
    }
    for (const { type, path } of toc) {
      if (type === 'whiteout' || type === 'opaque') continue;
      path.split('/').forEach((_, i, names) => {
        const above = names.slice(0, i).join('/');
        if (i === 0 || isDir(above)) return;
        drop(above);
        found.set(above, `d· ${above}`);
      });
      if (type !== 'dir' || !isDir(path)) drop(path);
      found.set(
        path,
        `${type === 'dir' ? 'd' : type === 'file' ? '-' : 's'}${Number(diffId.slice(7))} ${path}`,
      );
    }
  }
  return [...found.values()].sort();
}

const anyPath = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
  .map((names) => names.join('/'));
const anyLine = fc.oneof(
  fc.tuple(fc.constantFrom('dir', 'file', 'whiteout', 'opaque'), anyPath).map((words) => words.join(' ')),
  anyPath.map((path) => `symlink ${path} a`),
);
test('any stack is what the rules say, however it is put together', () => {
  fc.assert(
    fc.property(fc.array(fc.array(anyLine, { maxLength: 8 }), { maxLength: 5 }), (stacks) => {
      const layers = stacks.map((lines, i) => layer(i + 1, ...lines));
      const views = layers.reduce<MergedView[]>((all, next) => [...all, all.at(-1)!.extend(next)], [view()]);
      views.forEach((step, i) => {
        expect(listing(step).sort()).toEqual(naive(layers.slice(0, i)));
        expect(listing(step)).toEqual(listing(view(...layers.slice(0, i))));
      });
      for (const entry of views.at(-1)!.entries()) expect(views.at(-1)!.get(entry.path)).toBe(entry);
    }),
    { numRuns: 500 },
  );
});

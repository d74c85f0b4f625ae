import { describe, expect, test } from 'vitest';
import { memoryTree } from '../layer/memory-tree.ts';
import { parseCopyLine, selectLine, TEST_PLACE, type CopyCase } from './copy-for-tests.ts';
import { selectSources } from './select-sources.ts';
import { selectedFiles } from './selection.ts';

const PROJECT: NonNullable<CopyCase['source']> = {
  Dockerfile: 'FROM scratch',
  'README.md': '# hello',
  'package.json': '{}',
  'package-lock.json': '{}',
  'app[1].txt': 'brackets',
  'a*b': 'a star in a name',
  'src/main.ts': 'main',
  'src/lib/one.ts': 'one',
  'src/lib/one.test.ts': 'one',
  'src/lib/two.ts': 'two',
  'src/empty': { dir: true },
  'docs/guide.md': 'guide',
  'docs/img/logo.png': 'logo',
  run: { symlink: 'src/main.ts' },
  sources: { symlink: 'src' },
  'src/inner': { symlink: 'lib' },
  absolute: { symlink: '/src/lib' },
  shadow: { symlink: '/etc/shadow' },
  outside: { symlink: '../../../../etc/passwd' },
  top: { symlink: '/' },
  ping: { symlink: 'pong' },
  pong: { symlink: 'ping' },
  'dev/null': { char: [1, 3] },
  'dev/pipe': { fifo: true },
  'dev/socket': { socket: true },
  socket: { socket: true },
};

/** Roots and entries as text: `name <- path` for a file, `path/` and its entries for a folder; `(x)` is implied. */
function selected(line: string, source: NonNullable<CopyCase['source']> = PROJECT): string[] {
  return selectLine(line, { source }).roots.flatMap(({ name, entry, entries }) =>
    entry.type === 'dir'
      ? [`${entry.path}/`, ...entries.map(({ path, implied }) => (implied ? `(${path})` : path))]
      : [`${name} <- ${entry.path}`],
  );
}

describe('plain sources', () => {
  test.each<[string, readonly string[]]>([
    ['COPY package.json /app/', ['package.json <- package.json']],
    ['COPY ./package.json /app/', ['package.json <- package.json']],
    ['COPY /package.json /app/', ['package.json <- package.json']],
    ['COPY package.json/ /app/', ['package.json <- package.json']],
    ['COPY ../../package.json /app/', ['package.json <- package.json']],
    ['COPY src/../docs/guide.md /app/', ['guide.md <- docs/guide.md']],
    ['COPY src//lib/./two.ts /app/', ['two.ts <- src/lib/two.ts']],
    ['COPY package.json docs/guide.md /app/', ['package.json <- package.json', 'guide.md <- docs/guide.md']],
    ['COPY docs /d', ['docs/', 'guide.md', 'img', 'img/logo.png']],
    ['COPY docs/ /d', ['docs/', 'guide.md', 'img', 'img/logo.png']],
    ['COPY docs/. /d', ['docs/', 'guide.md', 'img', 'img/logo.png']],
    ['COPY src/empty /d', ['src/empty/']],
    ['COPY dev /d', ['dev/', 'null', 'pipe']],
    ['COPY dev/null /d', ['null <- dev/null']],
  ])('%s', (line, expected) => {
    expect(selected(line)).toEqual(expected);
  });

  test.each(['.', './', '/', '..', '../..', 'src/..', 'top'])('COPY %s takes the whole tree', (source) => {
    const [root, ...entries] = selected(`COPY ${source} /app`, { a: 'a', 'b/c': 'c', top: { symlink: '/' } });
    expect(root).toBe('/');
    expect(entries).toEqual(['a', 'b', 'b/c', 'top']);
  });

  test('of an empty tree there is nothing', () => {
    expect(selected('COPY . /app', {})).toEqual(['/']);
  });
});

describe('links', () => {
  test.each<[string, readonly string[]]>([
    // A source that is a link is followed and keeps its name.
    ['COPY run /app/', ['run <- src/main.ts']],
    ['COPY absolute /app/', ['src/lib/', 'one.test.ts', 'one.ts', 'two.ts']],
    ['COPY sources/lib/two.ts /app/', ['two.ts <- src/lib/two.ts']],
    ['COPY sources/inner/two.ts /app/', ['two.ts <- src/lib/two.ts']],
    ['COPY top/top/docs/guide.md /app/', ['guide.md <- docs/guide.md']],
    // Below a folder they stay links.
    [
      'COPY src /app/',
      ['src/', 'empty', 'inner', 'lib', 'lib/one.test.ts', 'lib/one.ts', 'lib/two.ts', 'main.ts'],
    ],
    ['COPY ru? /app/', ['run <- src/main.ts']],
  ])('%s', (line, expected) => {
    expect(selected(line)).toEqual(expected);
  });
});

describe('wildcards', () => {
  test.each<[string, readonly string[]]>([
    ['COPY package*.json /app/', ['package-lock.json <- package-lock.json', 'package.json <- package.json']],
    [
      'COPY *.md *.json /app/',
      ['README.md <- README.md', 'package-lock.json <- package-lock.json', 'package.json <- package.json'],
    ],
    [
      'COPY src/lib/*.ts /app/',
      ['one.test.ts <- src/lib/one.test.ts', 'one.ts <- src/lib/one.ts', 'two.ts <- src/lib/two.ts'],
    ],
    ['COPY */*.md /app/', ['guide.md <- docs/guide.md']],
    ['COPY d??s /app/', ['docs/', 'guide.md', 'img', 'img/logo.png']],
    ['COPY src/l[a-j]b/t*.ts /app/', ['two.ts <- src/lib/two.ts']],
    ['COPY sources/lib/t*.ts /app/', ['two.ts <- src/lib/two.ts']],
    // Links among what the wildcard matches are not entered.
    ['COPY sou*/lib/two.ts /app/', []],
    // `**` is no more than `*`.
    [
      'COPY src/** /app/',
      [
        'src/empty/',
        'src/lib/',
        'one.test.ts',
        'one.ts',
        'two.ts',
        'src/lib/',
        'one.test.ts',
        'one.ts',
        'two.ts',
        'main.ts <- src/main.ts',
      ],
    ],
    ['COPY **/two.ts /app/', []],
    ['COPY app[[]1].txt /app/', ['app[1].txt <- app[1].txt']],
    ['COPY a\\*? /app/', ['a*b <- a*b']],
    ['COPY *.nothing /app/', []],
    ['COPY nowhere/*.md /app/', []],
    ['COPY README.md/* /app/', []],
    ['COPY *.nothing README.md /app/', ['README.md <- README.md']],
    ['COPY soc* /app/', []],
    ['COPY dev/* /app/', ['null <- dev/null', 'pipe <- dev/pipe']],
  ])('%s', (line, expected) => {
    expect(selected(line)).toEqual(expected);
  });
});

describe('--exclude', () => {
  test.each<[string, readonly string[]]>([
    ['COPY --exclude=*.md docs /d', ['docs/', 'img', 'img/logo.png']],
    ['COPY --exclude=img docs /d', ['docs/', 'guide.md']],
    ['COPY --exclude=docs/img docs /d', ['docs/', 'guide.md', 'img', 'img/logo.png']],
    ['COPY --exclude=/img/ docs /d', ['docs/', 'guide.md']],
    ['COPY --exclude=*.png docs /d', ['docs/', 'guide.md', 'img', 'img/logo.png']],
    ['COPY --exclude=**/*.png docs /d', ['docs/', 'guide.md', 'img']],
    ['COPY --exclude=** docs /d', ['docs/']],
    [
      'COPY --exclude=lib --exclude=!lib/two.ts src /d',
      ['src/', 'empty', 'inner', '(lib)', 'lib/two.ts', 'main.ts'],
    ],
    [
      'COPY --exclude=* --exclude=!lib src /d',
      ['src/', 'lib', 'lib/one.test.ts', 'lib/one.ts', 'lib/two.ts'],
    ],
    ['COPY --exclude=lib --exclude=!lib/none.ts src /d', ['src/', 'empty', 'inner', 'main.ts']],
    [
      'COPY --exclude=**/*.test.ts --exclude=empty --exclude=inner src /d',
      ['src/', 'lib', 'lib/one.ts', 'lib/two.ts', 'main.ts'],
    ],
    // What a wildcard matches is excluded by its path below the wildcard's folder.
    ['COPY --exclude=*.test.ts src/lib/* /d', ['one.ts <- src/lib/one.ts', 'two.ts <- src/lib/two.ts']],
    ['COPY --exclude=package-lock.json package*.json /d', ['package.json <- package.json']],
    ['COPY --exclude=guide.md d??s /d', ['docs/', 'img', 'img/logo.png']],
    // A file that is named is meant.
    ['COPY --exclude=*.json package.json /d', ['package.json <- package.json']],
  ])('%s', (line, expected) => {
    expect(selected(line)).toEqual(expected);
  });
});

describe('--parents', () => {
  test.each<[string, readonly string[]]>([
    ['COPY --parents src/lib/two.ts /d', ['/', '(src)', '(src/lib)', 'src/lib/two.ts']],
    ['COPY --parents ./src/lib/two.ts /d', ['/', '(src)', '(src/lib)', 'src/lib/two.ts']],
    ['COPY --parents docs /d', ['/', 'docs', 'docs/guide.md', 'docs/img', 'docs/img/logo.png']],
    ['COPY --parents docs/. /d', ['/', 'docs', 'docs/guide.md', 'docs/img', 'docs/img/logo.png']],
    [
      'COPY --parents src/lib/t* docs/*.md /d',
      ['/', '(src)', '(src/lib)', 'src/lib/two.ts', '/', '(docs)', 'docs/guide.md'],
    ],
    ['COPY --parents **/*.test.ts /d', ['/', '(src)', '(src/lib)', 'src/lib/one.test.ts']],
    ['COPY --parents **/nothing /d', ['/']],
    // `/./`: only what follows is kept.
    ['COPY --parents src/./lib/two.ts /d', ['src/', '(lib)', 'lib/two.ts']],
    ['COPY --parents src/lib/./two.ts /d', ['src/lib/', 'two.ts']],
    ['COPY --parents src/./lib/./two.ts /d', ['src/', '(lib)', 'lib/two.ts']],
    ['COPY --parents s??/./**/t*.ts /d', ['src/', '(lib)', 'lib/two.ts']],
    ['COPY --parents sources/./lib/two.ts /d', ['src/', '(lib)', 'lib/two.ts']],
    ['COPY --parents ../docs/./img /d', ['docs/', 'img', 'img/logo.png']],
    ['COPY --parents src/lib/./ /d', ['src/lib/', 'one.test.ts', 'one.ts', 'two.ts']],
    // A wildcard before the pivot may match files too; they have nothing below.
    ['COPY --parents docs/*/./*.png /d', ['docs/img/', 'logo.png']],
    ['COPY --parents run /d', ['/', 'run']],
    ['COPY --parents --exclude=**/one* src/./lib /d', ['src/', 'lib', 'lib/two.ts']],
    ['COPY --parents --exclude=src/lib/two.ts src/lib/two.ts /d', ['/']],
  ])('%s', (line, expected) => {
    expect(selected(line)).toEqual(expected);
  });

  test.each(['.', '/', './'])('COPY --parents %s takes everything', (source) => {
    expect(selected(`COPY --parents ${source} /d`, { a: 'a', 'b/c': 'c' })).toEqual(['/', 'a', 'b', 'b/c']);
  });
});

describe('what goes wrong', () => {
  test.each<[string, string, string, string | undefined]>([
    [
      'COPY nothing.xyz /d',
      'COPY_SOURCE_NOT_FOUND',
      '"nothing.xyz" does not exist in the build context.',
      undefined,
    ],
    ['COPY pakage.json /d', 'COPY_SOURCE_NOT_FOUND', '"pakage.json"', 'Did you mean "package.json"?'],
    ['COPY readme.md /d', 'COPY_SOURCE_NOT_FOUND', '"readme.md"', 'Did you mean "README.md"?'],
    [
      'COPY src/libs/two.ts /d',
      'COPY_SOURCE_NOT_FOUND',
      '"src/libs/two.ts"',
      'Did you mean "src/lib/two.ts"?',
    ],
    ['COPY scr /d', 'COPY_SOURCE_NOT_FOUND', '"scr"', 'Did you mean "src"?'],
    ['COPY src/lib/tow.ts /d', 'COPY_SOURCE_NOT_FOUND', '"src/lib/tow.ts"', 'Did you mean "src/lib/two.ts"?'],
    ['COPY package.json/x /d', 'COPY_SOURCE_NOT_FOUND', '"package.json/x"', undefined],
    ['COPY ../secret /d', 'COPY_SOURCE_NOT_FOUND', '"../secret"', 'nothing outside it can be copied'],
    ['COPY /etc/shadow /d', 'COPY_SOURCE_NOT_FOUND', '"/etc/shadow"', 'nothing outside it can be copied'],
    ['COPY shadow /d', 'COPY_SOURCE_NOT_FOUND', '"shadow"', 'leads to /etc/shadow'],
    ['COPY outside /d', 'COPY_SOURCE_NOT_FOUND', '"outside"', 'leads to /etc/passwd'],
    ['COPY shad* /d', 'COPY_SOURCE_NOT_FOUND', '"shadow"', 'leads to /etc/shadow'],
    ['COPY top/etc/shadow /d', 'COPY_SOURCE_NOT_FOUND', '"top/etc/shadow"', 'leads to /etc/shadow'],
    ['COPY ping /d', 'SYMLINK_LOOP', '/ping', undefined],
    ['COPY ping/* /d', 'SYMLINK_LOOP', '/ping', undefined],
    ['COPY socket /d', 'COPY_SOURCE_NOT_FOUND', '"socket"', undefined],
    ['COPY [a /d', 'BAD_PATTERN', '[a', undefined],
    ['COPY --exclude=[a src /d', 'COPY_BAD_EXCLUDE', '--exclude', undefined],
    ['COPY --exclude=! src /d', 'COPY_BAD_EXCLUDE', '--exclude', undefined],
    ['COPY --parents src/none /d', 'COPY_SOURCE_NOT_FOUND', '"src/none"', undefined],
    ['COPY --parents src/./lob /d', 'COPY_SOURCE_NOT_FOUND', '"src/./lob"', 'Did you mean "src/lib"?'],
    ['COPY --parents package.json/./x /d', 'COPY_SOURCE_NOT_FOUND', '"package.json/./x"', undefined],
    [
      'COPY --parents sources/main.ts /d',
      'COPY_SOURCE_NOT_FOUND',
      '"sources/main.ts"',
      '--parents does not enter',
    ],
    ['COPY https://example.com/x /d', 'COPY_REMOTE_SOURCE', 'https://example.com/x', undefined],
    ['ADD https://example.com/x /d', 'ADD_REMOTE_UNSUPPORTED', 'https://example.com/x', 'later version'],
    ['ADD git@github.com:me/x.git /d', 'ADD_REMOTE_UNSUPPORTED', 'git@github.com:me/x.git', undefined],
    ['ADD ssh://git@host/x /d', 'ADD_REMOTE_UNSUPPORTED', 'ssh://git@host/x', undefined],
    ['ADD README.md git://host/x /d', 'ADD_REMOTE_UNSUPPORTED', 'git://host/x', undefined],
  ])('%s fails with %s', (line, code, message, hint) => {
    const error = expect.objectContaining({
      code,
      message: expect.stringContaining(message),
      ...TEST_PLACE,
      ...(hint === undefined ? {} : { hint: expect.stringContaining(hint) }),
    });
    expect(() => selectLine(line, { source: PROJECT })).toThrow(error);
  });

  test('a source that nothing is known about has no hint', () => {
    expect(() => selected('COPY nothing.xyz /d')).toThrow(expect.objectContaining({ hint: undefined }));
  });

  test('names .dockerignore where it is the reason', () => {
    const isIgnored = (path: string): boolean => path.startsWith('node_modules');
    expect(() => selectLine('COPY ./node_modules/x /d', { source: PROJECT, isIgnored })).toThrow(
      expect.objectContaining({ hint: 'It is excluded by .dockerignore.' }),
    );
  });

  test('a name that is no text is shown as bytes', () => {
    expect(() => selected('COPY a\udcff /d')).toThrow(
      expect.objectContaining({ message: expect.stringContaining('"a\\xff"') }),
    );
  });
});

test('names that look remote but are not are looked for', () => {
  expect(selected('ADD github.com/me/x /d', { 'github.com/me/x': 'x' })).toEqual(['x <- github.com/me/x']);
  expect(selected('ADD http/x /d', { 'http/x': 'x' })).toEqual(['x <- http/x']);
});

test('--parents enters only folders on the way to its pattern', () => {
  const tree = memoryTree(PROJECT);
  const entered: string[] = [];
  const watched = { ...tree, children: (path: string) => (entered.push(path), tree.children(path)) };
  selectSources(watched, parseCopyLine('COPY --parents src/lib/*.ts /d'), TEST_PLACE);
  expect(entered).toEqual(['', 'src', 'src/lib']);
});

test('selectedFiles gives each file once', () => {
  const source = { 'a/x': 'x', 'a/y': { symlink: 'x' }, b: { file: 'b' } };
  const files = selectedFiles(selectLine('COPY a b a/x a /d/', { source }));
  expect(files.map(({ path }) => path)).toEqual(['a/x', 'b']);
});

test('a folder 2,000 levels deep is walked', () => {
  const path = Array.from({ length: 2_000 }, () => 'd').join('/');
  expect(selected('COPY . /x', { [path]: { dir: true } })).toHaveLength(2_001);
});

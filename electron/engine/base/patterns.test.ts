import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePatterns, patternMatcher, splitPattern } from './patterns.ts';

/** Patterns, then paths they select, then paths they do not. */
const TABLE: readonly (readonly [patterns: string, selected: string, others: string])[] = [
  ['foo', 'foo foo/bar foo/bar/baz', 'bar xfoo foox a/foo Foo'],
  ['foo/', 'foo foo/bar', 'a/foo'],
  ['/foo', 'foo foo/a', 'a/foo'],
  ['./foo', 'foo', 'a/foo'],
  ['foo//bar', 'foo/bar', 'foo bar'],
  ['foo/./bar', 'foo/bar', 'foo'],
  ['foo/../bar', 'bar', 'foo foo/bar'],
  ['../foo', '', 'foo'],
  ['.', '', 'a .a'],
  ['/', '', 'a'],
  ['..', '', 'a'],
  ['foo/bar', 'foo/bar foo/bar/x', 'foo foo/baz x/foo/bar'],
  ['*', 'a a/b .a .a/b', ''],
  ['*.log', 'a.log .log a.log/b', 'a.logs b/a.log'],
  ['*/*.log', 'b/a.log', 'a.log c/b/a.log'],
  ['*/temp*', 'a/temp a/temp.txt a/temporary/x', 'temp a/b/temp'],
  ['*/*/temp*', 'a/b/temp', 'a/temp'],
  ['temp?', 'tempa temp1/x', 'temp tempab'],
  ['a*', 'a ab ab/c', 'ba b/a'],
  ['*a', 'a ba', 'ab'],
  ['a*b', 'ab axb axxb', 'a b axbx ax/b'],
  ['a*b*c', 'abc axbxc', 'acb ab/c'],
  ['?', 'a é', 'ab'],
  ['[ab]', 'a b a/x', 'c ab'],
  ['[a-c]x', 'ax bx', 'dx x'],
  ['[^a]x', 'bx', 'ax'],
  ['[^a-c]', 'd z', 'a b'],
  ['a[^b]c', 'axc a/c', 'abc'],
  ['[[]', '[', 'a'],
  ['[*]', '*', 'a ab'],
  ['[.]a', '.a', 'xa'],
  ['\\*', '*', 'a'],
  ['\\?', '?', 'a'],
  ['\\[a\\]', '[a]', 'a'],
  ['\\a', 'a', 'b'],
  ['\\!a', '!a', 'a'],
  ['\\#a', '#a', 'a'],
  ['a.b', 'a.b', 'axb'],
  ['a+', 'a+', 'aa a'],
  ['(a)', '(a)', 'a'],
  ['a|b', 'a|b', 'a b'],
  ['{a,b}', '{a,b}', 'a b'],
  ['^a$', '^a$', 'a'],
  ['$HOME', '$HOME', 'HOME'],
  ['**', 'a a/b .a', ''],
  ['**/', 'a a/b', ''],
  ['**/**', 'a a/b', ''],
  ['***', 'a a/b', ''],
  ['**/*', 'a a/b', ''],
  ['**/foo', 'foo a/foo a/b/foo foo/x a/foo/x', 'xfoo a/xfoo foox'],
  ['**/foo/', 'foo a/foo/x', 'xfoo'],
  ['**foo', 'foo xfoo a/foo a/xfoo', 'foox a/foox'],
  ['**.go', 'a.go x/a.go .go', 'a.gox'],
  ['**/*.go', 'a.go x/a.go x/y/.go', 'a.gox'],
  ['**/foo/bar', 'foo/bar a/foo/bar foo/bar/x', 'foo a/foo/x/bar xfoo/bar'],
  ['**/foo*', 'foo foox a/foox a/b/foo.d/x', 'xfoo'],
  ['**foo*', 'foo foox a/foox', 'xfoo a/xfoo'],
  ['**/foo/*', 'foo/a x/foo/a foo/a/b', 'foo a'],
  ['**/foo/**', 'foo/a x/foo/a x/foo/a/b', 'foo x/foo'],
  ['foo/**', 'foo/a foo/a/b', 'foo foox/a a/foo/b'],
  ['foo**', 'foo foox foo/a foox/a', 'a/foo'],
  ['foo/**/bar', 'foo/bar foo/a/bar foo/a/b/bar', 'foo bar foo/xbar foobar'],
  ['foo**bar', 'foobar foo/bar foox/bar foo/a/bar', 'fooxbar foo/xbar'],
  ['foo/**bar', 'foo/bar foo/a/bar', 'foo/xbar foo/a/xbar'],
  ['foo/**/*', 'foo/a foo/a/b', 'foo'],
  ['foo/**/*.js', 'foo/a.js foo/b/a.js foo/.js', 'a.js foo/a.jsx'],
  ['a**/*.txt', 'a/f.txt a/b/f.txt ab/f.txt af.txt', 'b/f.txt'],
  ['a/**/b/**/c', 'a/b/c a/x/b/y/c', 'a/c a/b a/bc'],
  ['**/a/**/b', 'a/b x/a/y/b', 'b/a a'],
  ['a**b**c', 'abc ax/b/c a/ax/bc', 'axbxc'],
  ['**/.git', '.git a/.git a/.git/HEAD', 'x.git a/x.git'],
  ['.git*', '.git .gitignore .git/HEAD', 'a/.git'],
  ['.*', '.a .git/HEAD', 'a a/.b'],
  ['**/.*', '.a a/.b a/.b/c', 'a a/b'],
  ['**/*.py[co]', 'a.pyc x/a.pyo', 'a.py a.pyx'],
  ['**/[Tt]humbs.db', 'Thumbs.db a/thumbs.db', 'humbs.db'],
  ['a/**', 'a/b', 'a'],
  ['*/**', 'a/b a/b/c', 'a'],
  ['*/**/c', 'a/c a/b/c', 'c'],
  ['a?/**', 'ab/x', 'ab a/x'],
  ['**/?', 'a b/a b/ab', 'ab bb/ab'],
  ['**/a?c/*', 'abc/x d/abc/x', 'abc ac/x'],
  ['foo !foo', '', 'foo foo/a'],
  ['!foo foo', 'foo', 'a'],
  ['!foo', '', 'foo a'],
  ['* !a', 'b b/c', 'a a/b'],
  ['* !a/b', 'a a/c b', 'a/b a/b/c'],
  ['a !a/b', 'a a/c a/bc', 'a/b a/b/c'],
  ['a/* !a/b', 'a/c a/c/d', 'a a/b a/b/c'],
  ['a !a/b a/b/c', 'a a/x a/b/c a/b/c/d', 'a/b a/b/x'],
  ['a !a/b a', 'a a/b a/b/c', 'b'],
  ['**/*.md !README.md', 'a.md x/README.md', 'README.md'],
  ['*.md !README*.md README-secret.md', 'a.md README-secret.md', 'README.md README-x.md'],
  ['*.md README-secret.md !README*.md', 'a.md', 'README-secret.md README.md'],
  [
    'node_modules !**/keep.txt',
    'node_modules node_modules/a',
    'node_modules/keep.txt node_modules/a/keep.txt',
  ],
  ['** !src src/secret', 'a b/c src/secret src/secret/x', 'src src/a'],
  ['** !**/*.ts', 'a a/b a.js', 'a.ts x/a.ts x/a.ts/y'],
  ['**/b !a/b', 'b x/b', 'a/b a/b/c'],
  ['a/b/c !a/b', '', 'a/b a/b/c'],
  ['a !b', 'a a/b', 'b'],
  ['é', 'é', 'e'],
  ['*😀', '😀 a😀', 'a'],
  ['caf\udce9', 'caf\udce9', 'café'],
  ['caf?', 'caf\udce9 café', 'caf'],
];

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');
const cases = TABLE.flatMap(([patterns, selected, others]) => [
  ...words(selected).map((path) => [patterns, path, true] as const),
  ...words(others).map((path) => [patterns, path, false] as const),
]);

test.each(cases)('%s on %s: %s', (patterns, path, expected) => {
  expect(compilePatterns(words(patterns))(path)).toBe(expected);
});

test('the root itself is never selected', () => {
  expect(compilePatterns(['**'])('')).toBe(false);
  expect(compilePatterns(['*'])('.')).toBe(false);
});

test.each(['!', '! ', '[', 'a[', '[]', '[z-a]', 'a\\', '!a['])('refuses %j', (pattern) => {
  expect(() => compilePatterns([pattern])).toThrow(expect.objectContaining({ code: 'BAD_PATTERN' }));
});

test.each([
  ['a/b/../c', { text: 'a/c', exception: false }],
  ['! /a/', { text: 'a', exception: true }],
  ['!!a', { text: '!a', exception: true }],
  ['//a', { text: 'a', exception: false }],
  ['/', { text: '/', exception: false }],
])('splitPattern(%j)', (written, expected) => {
  expect(splitPattern(written)).toEqual(expected);
});

describe('against a reference built on regular expressions', () => {
  const piece = fc.constantFrom('a', 'b', 'ab', '/', '/', '*', '**', '?', '[ab]', '[^a]', '.', 'c');
  const pattern = fc
    .tuple(fc.boolean(), fc.array(piece, { minLength: 1, maxLength: 7 }))
    .map(([exception, pieces]) => (exception ? '!' : '') + pieces.join(''));
  const element = fc
    .array(fc.constantFrom('a', 'b', 'c', '.'), { minLength: 1, maxLength: 4 })
    .map((c) => `${c.join('')}c`);
  const path = fc
    .array(fc.oneof(element, fc.constantFrom('a', 'b', 'ab', 'aa')), { minLength: 1, maxLength: 5 })
    .map((e) => e.join('/'));

  test('one pattern', () => {
    fc.assert(
      fc.property(pattern, path, (written, name) => {
        const bare = written.replace('!', '');
        expect(compilePatterns([bare])(name)).toBe(reference([bare], name));
      }),
      { numRuns: 20_000 },
    );
  });

  test('lists, at once and step by step, and no directory is pruned that has an exception', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 6 }), path, (written, name) => {
        const matcher = patternMatcher(written.map(splitPattern));
        expect(matcher.matches(name)).toBe(reference(written, name));
        let verdict = -1;
        let pruned: boolean | undefined;
        for (const prefix of ancestry(name)) {
          verdict = matcher.decide(prefix, verdict);
          expect(matcher.selects(verdict)).toBe(matcher.matches(prefix));
          if (pruned === true) expect(matcher.selects(verdict)).toBe(true);
          pruned ||= matcher.selects(verdict) && matcher.canPrune(prefix, verdict);
        }
      }),
      { numRuns: 20_000 },
    );
  });
});

test('directories without exceptions below are pruned', () => {
  const matcher = patternMatcher(['a', '*/build', '!a/keep/*.txt', '!x/**/y'].map(splitPattern));
  const pruned = (directory: string): boolean =>
    matcher.canPrune(
      directory,
      ancestry(directory).reduce((verdict, path) => matcher.decide(path, verdict), -1),
    );
  expect([pruned('a'), pruned('a/keep'), pruned('x/build')]).toEqual([false, false, false]);
  expect([pruned('a/other'), pruned('a/keep/deep'), pruned('q/build')]).toEqual([true, true, true]);
});

describe('speed', () => {
  const paths = Array.from(
    { length: 20_000 },
    (_, i) => `packages/pkg-${i % 800}/src/components/file-${i}.component.ts`,
  );
  const time = (patterns: readonly string[], names: readonly string[]): number => {
    const matcher = patternMatcher(patterns.map(splitPattern));
    const started = process.threadCpuUsage();
    for (const name of names) matcher.decide(name, -1);
    return process.threadCpuUsage(started).user / 1_000;
  };

  test('a thousand patterns', () => {
    const patterns = Array.from(
      { length: 1_000 },
      (_, i) => [`packages/*/src/x${i}*`, `**/foo${i}/**/*.ts`, `**/n${i}`, `a/b${i}`][i % 4]!,
    );
    expect(time(patterns, paths)).toBeLessThan(4_000);
  });

  test('patterns made to be slow', () => {
    const patterns = Array.from({ length: 100 }, (_, i) => `**/*a*a*a*a*a*a*a*${'?a'.repeat(i % 5)}[xyz]*b`);
    expect(
      time(
        patterns,
        Array.from({ length: 1_000 }, () => `${'a'.repeat(250)}cb`),
      ),
    ).toBeLessThan(5_000);
  });
});

function ancestry(path: string): string[] {
  const elements = path.split('/');
  return elements.map((_, i) => elements.slice(0, i + 1).join('/'));
}

/** The documented rules word by word: every pattern against the path and each of its parents, the last one that matches decides. */
function reference(written: readonly string[], path: string): boolean {
  let selected = false;
  for (const { text, exception } of written.map(splitPattern)) {
    if (ancestry(path).some((prefix) => matchesExactly(text, prefix))) selected = !exception;
  }
  return selected;
}

function matchesExactly(pattern: string, path: string): boolean {
  const special = /[*?[\]\\]/;
  if (pattern.startsWith('**') && pattern.length > 2 && !special.test(pattern.slice(2))) {
    return path.endsWith(pattern.slice(2)) || path === pattern.slice(3 - Number(pattern[2] !== '/'));
  }
  const source = pattern.replace(/\*\*\/?$|\*\*\/?|\*|\?|\[[^\]]*\]|[^]/g, (token, at: number) => {
    if (token.startsWith('**')) return at + token.length === pattern.length ? '.*' : '(.*/)?';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    return token.startsWith('[') ? token : token.replace(/[.+()|{}$^]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, 's').test(path);
}

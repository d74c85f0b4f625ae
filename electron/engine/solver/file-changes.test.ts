import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MOST_FILES } from '../../../shared/miss-reason.ts';
import { fileChanges } from './file-changes.ts';

const entry = (
  name: string,
  more: Partial<Record<'type' | 'mode' | 'uid' | 'size' | 'digest' | 'link', string | number>> = {},
): string => {
  const { type = 'file', mode = '644', uid = 0, size = 1, digest = 'd', link } = more;
  return `${JSON.stringify([name, type, mode, uid, 0, size, digest, ...(link === undefined ? [] : [link, [], []])])}\n`;
};
const text = (...lines: readonly string[]): string => lines.join('');

describe('fileChanges', () => {
  test.each([
    ['content', entry('f'), entry('f', { digest: 'e' }), { path: 'f', what: ['content'] }],
    [
      'mode',
      entry('f'),
      entry('f', { mode: '755' }),
      { path: 'f', what: ['mode'], before: '0644', after: '0755' },
    ],
    [
      'owner',
      entry('f'),
      entry('f', { uid: 7 }),
      { path: 'f', what: ['owner'], before: '0:0', after: '7:0' },
    ],
    ['both', entry('f'), entry('f', { uid: 7, size: 2 }), { path: 'f', what: ['content', 'owner'] }],
    [
      'link',
      entry('f', { link: 'a' }),
      entry('f', { link: 'b' }),
      { path: 'f', what: ['link'], before: 'a', after: 'b' },
    ],
    [
      'type',
      entry('f'),
      entry('f', { type: 'dir' }),
      { path: 'f', what: ['type'], before: 'file', after: 'dir' },
    ],
    [
      'the folder itself',
      entry('/', { mode: '755' }),
      entry('/', { mode: '700' }),
      { path: '.', what: ['mode'], before: '0755', after: '0700' },
    ],
  ])('%s', (_name, before, after, change) => {
    expect(fileChanges(before, after)).toEqual({ changes: [change], more: 0, added: 0, removed: 0 });
  });

  test('names are paired within the folder that they are copied from', () => {
    const before = text('["/"]\n', entry('a'), entry('b'), '["/"]\n', entry('a'));
    const after = text('["/"]\n', entry('a'), entry('b'), '["/"]\n', entry('a', { digest: 'e' }));
    expect(fileChanges(before, after)).toEqual({
      ...{ more: 0, added: 0, removed: 0 },
      changes: [{ path: 'a', what: ['content'] }],
    });
  });

  test('what is no list is a change, never a failure', () => {
    expect(fileChanges('{"a"', 'x\ny').changes.length).toBeGreaterThan(0);
  });

  test('equal lists have no changes; lists that differ have as many as they say', () => {
    const name = fc.stringMatching(/^[a-e]{1,2}$/);
    const list = fc.uniqueArray(fc.tuple(name, fc.constantFrom('x', 'y')), {
      selector: ([key]) => key,
      maxLength: 20,
    });
    const lines = (files: readonly (readonly [string, string])[]): string =>
      text(...files.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, digest]) => entry(key, { digest })));
    fc.assert(
      fc.property(list, list, (a, b) => {
        expect(fileChanges(lines(a), lines(a)).changes).toEqual([]);
        const { changes, added, removed } = fileChanges(lines(a), lines(b));
        const [before, after] = [new Map(a), new Map(b)];
        const names = (what: string): string[] =>
          changes
            .filter((change) => change.what[0] === what)
            .map(({ path }) => path)
            .sort();
        expect(names('added')).toEqual([...after.keys()].filter((key) => !before.has(key)).sort());
        expect(names('removed')).toEqual([...before.keys()].filter((key) => !after.has(key)).sort());
        expect([added, removed]).toEqual([names('added').length, names('removed').length]);
        const other = [...after.keys()].filter(
          (key) => before.has(key) && before.get(key) !== after.get(key),
        );
        expect(names('content')).toEqual(other.sort());
      }),
    );
  });

  test('names the first, and counts the rest', () => {
    const many = (digest: string): string =>
      text(...Array.from({ length: 80 }, (_, i) => entry(`f${i}`, { digest })));
    const { changes, more } = fileChanges(many('a'), many('b'));
    expect([changes.length, more]).toEqual([MOST_FILES, 80 - MOST_FILES]);
  });
});

import { expect, test } from 'vitest';
import type { StorageItem } from '../../shared/storage.ts';
import { itemName, lastUse, listedItems } from './storage-words.ts';

const item = (given: Partial<StorageItem>): StorageItem => ({
  ...{ kind: 'cache', id: `sha256:${'ab'.repeat(32)}`, name: 'x', bytes: 1, inUse: false },
  ...given,
});

test.each<[Partial<StorageItem>, string]>([
  [{ kind: 'images', name: 'docker.io/library/app:1, ghcr.io/a/b:2' }, 'app:1, ghcr.io/a/b:2'],
  [{ kind: 'images', name: 'image without a name' }, 'image without a name (abababababab)'],
  [{ kind: 'snapshots', name: `sha256:${'cd'.repeat(32)}` }, 'Layer cdcdcdcdcdcd'],
  [{ kind: 'builds', id: 'b1', name: '/p' }, '/p, b1'],
  [{ name: 'RUN \u202eevil' }, 'RUN \\u{202e}evil'],
])('%j is called %s', (given, name) => {
  expect(itemName(item(given))).toBe(name);
});

test('when it was used', () => {
  expect(lastUse(item({ usedAt: 0, inUse: true }), 0)).toBe('in use now');
  expect(lastUse(item({ usedAt: 0 }), 3 * 3_600_000)).toBe('3 h ago');
  expect(lastUse(item({}), 0)).toBe('–');
});

test('only things that can be told apart are listed, and not too many', () => {
  expect(listedItems([item({ kind: 'other' }), item({ kind: 'fileLists' }), item({ bytes: 0 })])).toEqual([]);
  expect(listedItems(Array.from({ length: 60 }, () => item({})))).toHaveLength(50);
});

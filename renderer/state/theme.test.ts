import { expect, test } from 'vitest';
import { createTheme } from './theme.svelte.ts';

function place(stored?: string) {
  const values = new Map(stored === undefined ? [] : [['slipway-theme', stored]]);
  const root = { dataset: {} as Record<string, string> } as unknown as HTMLElement;
  const storage = {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  };
  return { root, storage, values };
}

test('follows the system until a theme is chosen, and remembers it', () => {
  const { root, storage, values } = place();
  const theme = createTheme(root, storage);
  expect(root.dataset).toEqual({});
  theme.current = 'dark';
  expect(root.dataset['theme']).toBe('dark');
  expect(values.get('slipway-theme')).toBe('dark');
  theme.current = 'system';
  expect(root.dataset).toEqual({});
});

test.each([
  ['light', 'light'],
  ['nonsense', 'system'],
])('a remembered %s is %s', (stored, expected) => {
  const { root, storage } = place(stored);
  expect(createTheme(root, storage).current).toBe(expected);
});

import { describe, expect, test } from 'vitest';
import { SHORTCUTS, commandOf, keyLabel } from './shortcuts.ts';

const press = (key: string, ...modifiers: ('ctrl' | 'meta' | 'shift' | 'alt')[]) => ({
  key,
  ctrlKey: modifiers.includes('ctrl'),
  metaKey: modifiers.includes('meta'),
  shiftKey: modifiers.includes('shift'),
  altKey: modifiers.includes('alt'),
});

describe('commandOf', () => {
  test.each([
    [press('o', 'ctrl'), 'openFolder'],
    [press('b', 'ctrl'), 'build'],
    [press('F5'), 'build'],
    [press('B', 'ctrl', 'shift'), 'buildWithoutCache'],
    [press('.', 'ctrl'), 'cancel'],
    [press('2', 'ctrl'), 'goBuilds'],
    [press('F3', 'shift'), 'findPrevious'],
    [press('?', 'shift'), 'shortcuts'],
    [press('?'), 'shortcuts'],
    [press('o'), undefined],
    [press('o', 'meta'), undefined],
    [press('o', 'ctrl', 'alt'), undefined],
    [press('r', 'ctrl'), undefined],
    [press('w', 'ctrl'), undefined],
  ])('%j → %s', (event, expected) => expect(commandOf(event, false, false)).toBe(expected));

  test('on a Mac it is Cmd', () => {
    expect(commandOf(press('o', 'meta'), true, false)).toBe('openFolder');
    expect(commandOf(press('o', 'ctrl'), true, false)).toBeUndefined();
  });

  test('text stays text', () => {
    expect(commandOf(press('?', 'shift'), false, true)).toBeUndefined();
    expect(commandOf(press('f', 'ctrl'), false, true)).toBe('find');
  });
});

test('no two commands have the same keys', () => {
  const all = SHORTCUTS.flatMap((shortcut) => shortcut.keys.map((keys) => JSON.stringify(keys)));
  expect(new Set(all).size).toBe(all.length);
});

test.each([
  ['buildWithoutCache', false, 'Ctrl+Shift+B'],
  ['buildWithoutCache', true, '⇧⌘B'],
  ['cancel', false, 'Ctrl+.'],
  ['nextPane', true, 'F6'],
] as const)('keyLabel(%s, %s) → %s', (command, mac, expected) =>
  expect(keyLabel(command, mac)).toBe(expected),
);

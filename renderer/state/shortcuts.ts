/** What a key press can ask for, wherever the focus is. */
export type Command =
  | 'openFolder'
  | 'pull'
  | 'build'
  | 'buildWithoutCache'
  | 'cancel'
  | 'watch'
  | 'goProjects'
  | 'goBuilds'
  | 'goImages'
  | 'goMachine'
  | 'goStorage'
  | 'back'
  | 'forward'
  | 'nextPane'
  | 'previousPane'
  | 'find'
  | 'findNext'
  | 'findPrevious'
  | 'shortcuts';

export interface Shortcut {
  readonly command: Command;
  /** As KeyboardEvent.key says it, lower-case; `mod` is Ctrl, or Cmd on macOS. */
  readonly keys: readonly { readonly key: string; readonly mod?: boolean; readonly shift?: boolean }[];
  readonly label: string;
  readonly group: string;
}

export const SHORTCUTS: readonly Shortcut[] = [
  {
    command: 'openFolder',
    keys: [{ key: 'o', mod: true }],
    label: 'Open a folder',
    group: 'Projects and builds',
  },
  {
    command: 'build',
    keys: [{ key: 'b', mod: true }, { key: 'f5' }],
    label: 'Build, or build again',
    group: 'Projects and builds',
  },
  {
    command: 'buildWithoutCache',
    keys: [{ key: 'b', mod: true, shift: true }],
    label: 'Build without the cache',
    group: 'Projects and builds',
  },
  {
    command: 'cancel',
    keys: [{ key: '.', mod: true }],
    label: 'Cancel the build',
    group: 'Projects and builds',
  },
  {
    command: 'watch',
    keys: [{ key: 'e', mod: true }],
    label: 'Build on save, or stop it',
    group: 'Projects and builds',
  },
  { command: 'pull', keys: [{ key: 'p', mod: true }], label: 'Pull an image', group: 'Images' },
  { command: 'goProjects', keys: [{ key: '1', mod: true }], label: 'Projects', group: 'Go to' },
  { command: 'goBuilds', keys: [{ key: '2', mod: true }], label: 'Builds', group: 'Go to' },
  { command: 'goImages', keys: [{ key: '3', mod: true }], label: 'Images', group: 'Go to' },
  { command: 'goMachine', keys: [{ key: '4', mod: true }], label: 'This machine', group: 'Go to' },
  { command: 'goStorage', keys: [{ key: '5', mod: true }], label: 'Storage', group: 'Go to' },
  { command: 'back', keys: [{ key: '[', mod: true }], label: 'Back', group: 'Go to' },
  { command: 'forward', keys: [{ key: ']', mod: true }], label: 'Forward', group: 'Go to' },
  { command: 'nextPane', keys: [{ key: 'f6' }], label: 'Next pane', group: 'Inside a screen' },
  {
    command: 'previousPane',
    keys: [{ key: 'f6', shift: true }],
    label: 'Previous pane',
    group: 'Inside a screen',
  },
  { command: 'find', keys: [{ key: 'f', mod: true }], label: 'Find', group: 'Inside a screen' },
  { command: 'findNext', keys: [{ key: 'f3' }], label: 'Next match', group: 'Inside a screen' },
  {
    command: 'findPrevious',
    keys: [{ key: 'f3', shift: true }],
    label: 'Previous match',
    group: 'Inside a screen',
  },
  { command: 'shortcuts', keys: [{ key: '?' }], label: 'Keyboard shortcuts', group: 'Inside a screen' },
];

/** Keys of a list that has the focus; the lists handle them themselves. */
export const LIST_KEYS: readonly { readonly keys: readonly string[]; readonly label: string }[] = [
  { keys: ['↑', '↓', 'K', 'J'], label: 'Move' },
  { keys: ['Enter'], label: 'Open or select' },
  { keys: ['N', 'P'], label: 'Next and previous failed step' },
  { keys: ['End'], label: 'Follow the log' },
  { keys: ['T'], label: 'Tag the image' },
  { keys: ['P'], label: 'Push the image' },
  { keys: ['Delete'], label: 'Remove the image, project or build' },
  { keys: ['Esc'], label: 'Close, or clear the search' },
];

type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/** The command of a key press, or none. `typing` says that a text field has the focus: single characters are then text. */
export function commandOf(press: KeyPress, mac: boolean, typing: boolean): Command | undefined {
  if (press.altKey) return undefined;
  const mod = mac ? press.metaKey : press.ctrlKey;
  const other = mac ? press.ctrlKey : press.metaKey;
  if (other) return undefined;
  const key = press.key.toLowerCase();
  return SHORTCUTS.find((shortcut) =>
    shortcut.keys.some((wanted) => {
      if (wanted.key !== key || (wanted.mod ?? false) !== mod) return false;
      // Which characters need Shift depends on the keyboard: `?` is asked for by what it is.
      if (wanted.key === '?') return !typing;
      return (wanted.shift ?? false) === press.shiftKey;
    }),
  )?.command;
}

/** How a shortcut's first keys are written: `Ctrl+Shift+B`, `⇧⌘B`. */
export function keyLabel(command: Command, mac: boolean): string {
  const keys = SHORTCUTS.find((shortcut) => shortcut.command === command)?.keys[0];
  return keys ? keyNames(keys, mac).join(mac ? '' : '+') : '';
}

export function keyNames(keys: Shortcut['keys'][number], mac: boolean): readonly string[] {
  const name = keys.key.length === 1 ? keys.key.toUpperCase() : keys.key.replace(/^f/, 'F');
  return [
    ...(keys.shift ? [mac ? '⇧' : 'Shift'] : []),
    ...(keys.mod ? [mac ? '⌘' : 'Ctrl'] : []),
    name,
  ].toSorted((a, b) => rank(a) - rank(b));
}

function rank(name: string): number {
  return ['Ctrl', '⇧', 'Shift', '⌘'].indexOf(name) + 1 || 9;
}

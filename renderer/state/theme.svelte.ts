export type Theme = 'system' | 'light' | 'dark';

export const THEMES: readonly { readonly value: Theme; readonly label: string }[] = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

const STORAGE_KEY = 'slipway-theme';

export interface ThemeChoice {
  /** Setting it shows the theme at once and remembers it. */
  current: Theme;
}

/** The choice of colours, remembered on this machine; `root` is the element whose data-theme the styles look at. */
export function createTheme(root: HTMLElement, storage: Pick<Storage, 'getItem' | 'setItem'>): ThemeChoice {
  let current = $state<Theme>(read(storage));
  show();

  function show(): void {
    if (current === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = current;
  }

  return {
    get current() {
      return current;
    },
    set current(next) {
      current = next;
      storage.setItem(STORAGE_KEY, next);
      show();
    },
  };
}

function read(storage: Pick<Storage, 'getItem'>): Theme {
  const stored = storage.getItem(STORAGE_KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

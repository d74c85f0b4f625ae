import type { ITheme } from '@xterm/xterm';

const TOKENS = {
  background: '--surface-sunken',
  foreground: '--text',
  cursor: '--accent',
  cursorAccent: '--surface-sunken',
  selectionBackground: '--selected',
  black: '--ansi-black',
  red: '--ansi-red',
  green: '--ansi-green',
  yellow: '--ansi-yellow',
  blue: '--ansi-blue',
  magenta: '--ansi-magenta',
  cyan: '--ansi-cyan',
  white: '--ansi-white',
  brightBlack: '--text-faint',
  brightRed: '--ansi-red',
  brightGreen: '--ansi-green',
  brightYellow: '--ansi-yellow',
  brightBlue: '--ansi-blue',
  brightMagenta: '--ansi-magenta',
  brightCyan: '--ansi-cyan',
  brightWhite: '--text',
} as const satisfies { readonly [Name in keyof ITheme]: `--${string}` };

/** The window's colours, as they are now, for a terminal inside `place`. */
export function terminalTheme(place: HTMLElement): ITheme {
  // A custom property is text; only a colour that is in use says what light-dark() comes to.
  const probe = document.createElement('span');
  probe.hidden = true;
  place.append(probe);
  const style = getComputedStyle(probe);
  const theme = Object.fromEntries(
    Object.entries(TOKENS).map(([name, token]) => {
      probe.style.color = `var(${token})`;
      return [name, style.color];
    }),
  );
  probe.remove();
  return theme;
}

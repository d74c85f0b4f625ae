import type { Terminal } from '@xterm/xterm';

/**
 * Makes a terminal deaf to what a program may ask of it besides showing text: titles, links, the clipboard, notifications,
 * changes and reports of colours (all OSC), and reports of settings (DECRQSS), which would be typed into the program as if
 * the person had.
 */
export function ignoreRequests(terminal: Terminal): void {
  const ignored = (): boolean => true;
  for (const code of OSC_CODES) terminal.parser.registerOscHandler(code, ignored);
  terminal.parser.registerDcsHandler({ intermediates: '$', final: 'q' }, ignored);
}

/** Those that xterm knows (InputHandler), and those that its addons and other terminals do. */
const OSC_CODES = [0, 1, 2, 4, 7, 8, 9, 10, 11, 12, 22, 50, 52, 99, 104, 110, 111, 112, 133, 633, 777, 1337];

import { describe, expect, test } from 'vitest';
import { ansiSpans, keepColours, plainText } from './ansi.ts';

const E = '\u001b';

describe('keepColours', () => {
  test.each([
    ['plain text', 'hello\tworld', 'hello\tworld'],
    ['a colour', `${E}[31mred${E}[0m`, `${E}[31mred${E}[0m`],
    ['a colour in one character', '\u009b31mred', `${E}[31mred`],
    ['clearing the screen', `a${E}[2Jb`, 'ab'],
    ['moving the cursor', `a${E}[10;20Hb${E}[1Ac`, 'abc'],
    ['asking for the position', `a${E}[6nb`, 'ab'],
    ['private modes', `a${E}[?25lb${E}[?1049hc`, 'abc'],
    ['a private sequence that ends in m', `a${E}[>4;2mb`, 'ab'],
    ['writing the clipboard', `a${E}]52;c;aGVsbG8=\u0007b`, 'ab'],
    ['a link', `${E}]8;;file:///etc/passwd${E}\\click${E}]8;;${E}\\`, 'click'],
    ['the window title', `${E}]0;owned\u0007text`, 'text'],
    ['a device control string', `a${E}P1;2|data${E}\\b`, 'ab'],
    ['an application command', `a${E}_payload${E}\\b`, 'ab'],
    ['OSC in one character', 'a\u009d0;title\u009cb', 'ab'],
    ['choosing a character set', `a${E}(0b`, 'ab'],
    ['a reset of the terminal', `a${E}cb`, 'ab'],
    ['backspace, bell, null and delete', 'a\bb\u0007c\u0000d\u007fe', 'abcde'],
    ['an OSC that never ends shows what it would hide', `a${E}]0;hidden text`, 'a0;hidden text'],
    ['an OSC broken off by a colour', `${E}]0;x${E}[31mred`, `0;x${E}[31mred`],
    ['reordering', 'a\u202egpj.exe', 'a\\u{202e}gpj.exe'],
    ['text that runs from right to left', 'שלום', 'שלום'],
    ['a lone escape', `a${E}`, 'a'],
    ['a sequence that never ends', `a${E}[31`, 'a'],
    ['a sequence broken off by a character it cannot hold', `a${E}[3\u00e4b`, 'a\u00e4b'],
  ])('%s', (_name, line, expected) => expect(keepColours(line)).toBe(expected));

  test.each([`${E}]`, '\u009d', `${E}P\u009d`, '\u009b'])(
    'takes time in proportion to the line: %j',
    (sequence) => {
      const hostile = sequence.repeat(500_000);
      const before = performance.now();
      expect(keepColours(hostile)).toBe('');
      expect(performance.now() - before).toBeLessThan(1000);
    },
  );
});

test('plainText has no colours', () => {
  expect(plainText(`${E}[1;31mred${E}[0m and ${E}]0;t\u0007not`)).toBe('red and not');
});

describe('ansiSpans', () => {
  test.each([
    ['', []],
    ['plain', [{ text: 'plain', classes: [] }]],
    [
      `a${E}[31mb${E}[1;42mc`,
      [
        { text: 'a', classes: [] },
        { text: 'b', classes: ['ansi-red'] },
        { text: 'c', classes: ['ansi-red', 'ansi-green-bg', 'bold'] },
      ],
    ],
    [`${E}[38;5;9mx`, [{ text: 'x', classes: ['ansi-bright-red'] }]],
    [`${E}[38;5;208mx`, [{ text: 'x', classes: [], color: 'rgb(255, 135, 0)' }]],
    [`${E}[48;5;240mx`, [{ text: 'x', classes: [], background: 'rgb(88, 88, 88)' }]],
    [`${E}[38;2;1;2;3mx`, [{ text: 'x', classes: [], color: 'rgb(1, 2, 3)' }]],
    [`${E}[38;2;999;0;0mx`, [{ text: 'x', classes: [] }]],
    [`${E}[8mhidden`, [{ text: 'hidden', classes: [] }]],
    ['<img src=x onerror=alert(1)>', [{ text: '<img src=x onerror=alert(1)>', classes: [] }]],
    [`${E}[31m<b>`, [{ text: '<b>', classes: ['ansi-red'] }]],
  ])('%j', (line, expected) => expect(ansiSpans(line)).toEqual(expected));
});

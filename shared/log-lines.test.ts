import { describe, expect, test } from 'vitest';
import { EMPTY_LOG, KEPT_LINES, KEPT_LINE_LENGTH, appendLog, type StepLog } from './log-lines.ts';

function log(...chunks: (string | readonly ['stdout' | 'stderr', string])[]): StepLog {
  return chunks.reduce<StepLog>((current, chunk) => {
    const [stream, text] = typeof chunk === 'string' ? (['stdout', chunk] as const) : chunk;
    return appendLog(current, [{ stream, text }]);
  }, EMPTY_LOG);
}

const texts = (of: StepLog): string[] => of.lines.map((line) => line.text);

describe('appendLog', () => {
  test.each<[string, string[], string[]]>([
    ['whole lines', ['a\nb\n'], ['a', 'b']],
    ['an unfinished line', ['a\nb'], ['a', 'b']],
    ['a line in three chunks', ['a', 'b', 'c\nd'], ['abc', 'd']],
    ['empty lines', ['\n\na\n'], ['', '', 'a']],
    ['nothing', [''], []],
    ['\\r\\n', ['a\r\nb\r\n'], ['a', 'b']],
    ['\\r\\n split between chunks', ['a\r', '\nb'], ['a', 'b']],
    ['a progress bar', ['10%\r20%\r', '30%\r', '40%\n', 'done\n'], ['40%', 'done']],
    ['a colour split between chunks', ['\u001b[3', '1mred\n'], ['\u001b[31mred']],
  ])('%s', (_name, chunks, expected) => {
    expect(texts(log(...chunks))).toEqual(expected);
  });

  test('streams do not finish each other’s lines', () => {
    const both = log('out', ['stderr', 'err'], ' more\n', ['stderr', ' too\n']);
    expect(both.lines.map(({ stream, text }) => [stream, text])).toEqual([
      ['stdout', 'out more'],
      ['stderr', 'err too'],
    ]);
    expect(both.open).toEqual({});
  });

  test('only the last lines are kept, and they keep their numbers', () => {
    const long = log(Array.from({ length: KEPT_LINES + 10 }, (_, index) => `${index + 1}\n`).join(''));
    expect(long.lines).toHaveLength(KEPT_LINES);
    expect(long.lines[0]).toMatchObject({ number: 11, text: '11' });
    expect(appendLog(long, [{ stream: 'stdout', text: 'x' }]).lines.at(-1)).toMatchObject({
      number: KEPT_LINES + 11,
      text: 'x',
    });
  });

  test('an endless line does not grow', () => {
    let endless = EMPTY_LOG;
    for (let i = 0; i < 100; i++)
      endless = appendLog(endless, [{ stream: 'stdout', text: 'x'.repeat(1000) }]);
    expect(endless.lines).toHaveLength(1);
    expect(endless.lines[0]!.text).toHaveLength(KEPT_LINE_LENGTH);
  });

  test('an open line that was let go starts anew', () => {
    const lost = log(['stderr', 'open'], 'x\n'.repeat(KEPT_LINES), ['stderr', ' end\n']);
    expect(lost.lines.at(-1)).toMatchObject({ stream: 'stderr', text: ' end' });
  });

  test('the log it was given stays as it was', () => {
    const before = log('a');
    appendLog(before, [{ stream: 'stdout', text: 'b\n' }]);
    expect(texts(before)).toEqual(['a']);
  });
});

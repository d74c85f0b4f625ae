import { describe, expect, test } from 'vitest';
import { goQuote } from '../base/go-quote.ts';
import * as history from './history.ts';

const SECOND = 1e9;

describe('history wording', () => {
  test.each([
    [
      history.envText([
        { key: 'A', value: 'b c' },
        { key: 'D', value: '' },
      ]),
      'ENV A=b c D=',
    ],
    [history.labelText([{ key: 'a', value: 'b' }]), 'LABEL a=b'],
    [history.argText([{ name: 'A', value: '1' }, { name: 'B' }]), 'ARG A=1 B'],
    [history.cmdText(['/bin/sh', '-c', 'echo "hi"']), 'CMD ["/bin/sh" "-c" "echo \\"hi\\""]'],
    [history.cmdText([]), 'CMD []'],
    [history.entrypointText(['a', 'b']), 'ENTRYPOINT ["a" "b"]'],
    [history.exposeText(['80/tcp', '443/tcp']), 'EXPOSE [80/tcp 443/tcp]'],
    [history.volumeText(['/a', '/b']), 'VOLUME [/a /b]'],
    [history.shellText(['/bin/bash', '-c']), 'SHELL [/bin/bash -c]'],
    [history.userText('app'), 'USER app'],
    [history.workdirText('/app'), 'WORKDIR /app'],
    [history.stopSignalText('SIGINT'), 'STOPSIGNAL SIGINT'],
    [history.maintainerText('me'), 'MAINTAINER me'],
    [
      history.healthcheckText({ Test: ['CMD-SHELL', 'curl -f x'], Interval: 30 * SECOND, Retries: 3 }),
      'HEALTHCHECK {Test:[CMD-SHELL curl -f x] Interval:30s Timeout:0s StartPeriod:0s StartInterval:0s Retries:3}',
    ],
    [history.runText(['/bin/sh', '-c', 'make'], []), 'RUN /bin/sh -c make # buildkit'],
    [
      history.runText(
        ['x'],
        [
          { key: 'A', value: '1' },
          { key: 'B', value: '2' },
          { key: 'A', value: '3' },
        ],
      ),
      'RUN |2 A=3 B=2 x # buildkit',
    ],
    [
      history.copyText({ instruction: 'COPY', sources: ['a', 'b'], destination: '/c/' }),
      'COPY a b /c/ # buildkit',
    ],
    [
      history.copyText({
        instruction: 'ADD',
        sources: ['a'],
        inline: ['EOF'],
        destination: '.',
        parents: true,
        chown: '1:2',
        chmod: '644',
      }),
      'ADD --parents --chown=1:2 --chmod=644 a <<EOF . # buildkit',
    ],
  ])('%s', (written, expected) => {
    expect(written).toBe(expected);
  });

  test('an entry says whether it has a layer', () => {
    expect(history.historyEntry('X', true)).toEqual({ created_by: 'X', comment: 'buildkit.dockerfile.v0' });
    expect(history.historyEntry('X', false).empty_layer).toBe(true);
  });

  test.each([
    [0, '0s'],
    [1, '1ns'],
    [1_500, '1.5µs'],
    [1_000_000, '1ms'],
    [1_234_567, '1.234567ms'],
    [SECOND, '1s'],
    [1.5 * SECOND, '1.5s'],
    [SECOND + 1, '1.000000001s'],
    [60 * SECOND, '1m0s'],
    [90 * SECOND, '1m30s'],
    [3600 * SECOND, '1h0m0s'],
    [(25 * 3600 + 61) * SECOND + 5e8, '25h1m1.5s'],
    [-90 * SECOND, '-1m30s'],
  ])('%d nanoseconds are %s', (nanoseconds, expected) => {
    expect(history.goDurationText(nanoseconds)).toBe(expected);
  });

  test.each([
    ['é😀', '"é😀"'],
    ['\x07\b\f\n\r\t\v\\"', '"\\a\\b\\f\\n\\r\\t\\v\\\\\\""'],
    ['\0\x1f\x7f', '"\\x00\\x1f\\x7f"'],
    ['\u0085\u00a0\u202e\ufeff', '"\\u0085\\u00a0\\u202e\\ufeff"'],
    ['\u{e0001}', '"\\U000e0001"'],
    ['a\udcff', '"a\\xff"'],
  ])('Go quotes %j as %s', (text, expected) => {
    expect(goQuote(text)).toBe(expected);
  });
});

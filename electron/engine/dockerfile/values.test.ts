import { describe, expect, test } from 'vitest';
import { parseByteSize } from './byte-size.ts';
import { splitCsv } from './csv.ts';
import { parseGoDuration } from './go-duration.ts';
import { clip, quote } from './messages.ts';
import { expandPorts } from './ports.ts';
import { checkStopSignal } from './stop-signal.ts';
import { suggest } from './suggest.ts';

describe('parseGoDuration', () => {
  test.each<[string, number | undefined]>([
    ['0', 0],
    ['-0', 0],
    ['0s', 0],
    ['1ns', 1],
    ['1us', 1e3],
    ['1µs', 1e3],
    ['1μs', 1e3],
    ['2ms', 2e6],
    ['30s', 30e9],
    ['1m30s', 90e9],
    ['1h1m1s', 3661e9],
    ['1.5h', 5400e9],
    ['.5s', 5e8],
    ['1.s', 1e9],
    ['+5s', 5e9],
    ['-5s', -5e9],
    ['1.9999ns', 1],
    ['', undefined],
    ['5', undefined],
    ['s', undefined],
    ['.s', undefined],
    ['1x', undefined],
    ['1s ', undefined],
    ['1 s', undefined],
    ['1s-1s', undefined],
    ['--1s', undefined],
    ['1d', undefined],
    ['1e3s', undefined],
    ['9999999h', undefined],
  ])('%j → %s', (text, expected) => {
    expect(parseGoDuration(text)).toBe(expected);
  });
});

describe('parseByteSize', () => {
  test.each<[string, number | undefined]>([
    ['0', 0],
    ['64', 64],
    ['64b', 64],
    ['1k', 1024],
    ['1KB', 1024],
    ['1KiB', 1024],
    ['1.5m', 1.5 * 1024 ** 2],
    ['2 g', 2 * 1024 ** 3],
    ['1t', 1024 ** 4],
    ['', undefined],
    ['k', undefined],
    ['-1', undefined],
    ['1x', undefined],
    ['1  k', undefined],
    ['1.k', undefined],
    ['99999p', undefined],
  ])('%j → %s', (text, expected) => {
    expect(parseByteSize(text)).toBe(expected);
  });
});

describe('splitCsv', () => {
  test.each<[string, readonly string[] | undefined]>([
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    ['a,,b,', ['a', '', 'b', '']],
    ['"a,b",c', ['a,b', 'c']],
    ['"a""b"', ['a"b']],
    ['""', ['']],
    ['a"b', undefined],
    ['"a', undefined],
    ['"a"b', undefined],
    ['"a""', undefined],
  ])('%j → %j', (text, expected) => {
    expect(splitCsv(text)).toEqual(expected);
  });
});

describe('expandPorts', () => {
  test.each<[readonly string[], readonly string[]]>([
    [[], []],
    [['80'], ['80/tcp']],
    [['80/'], ['80/tcp']],
    [
      ['53/UDP', '80/tcp', '9/sctp'],
      ['53/udp', '80/tcp', '9/sctp'],
    ],
    [['8000-8002/udp'], ['8000/udp', '8001/udp', '8002/udp']],
    [
      ['80', '80'],
      ['80/tcp', '80/tcp'],
    ],
    [
      ['0', '65535'],
      ['0/tcp', '65535/tcp'],
    ],
    [['0080'], ['80/tcp']],
    [['8080:80'], ['80/tcp']],
    [['8080-8081:80'], ['80/tcp']],
    [['8080-8081:80-81'], ['80/tcp', '81/tcp']],
    [[':80'], ['80/tcp']],
    [['127.0.0.1::80'], ['80/tcp']],
    [['127.0.0.1:8080:80/udp'], ['80/udp']],
    [['[::1]:8080:80'], ['80/tcp']],
    [['::1:8080:80'], ['80/tcp']],
  ])('%j → %j', (words, expected) => {
    expect(expandPorts(words)).toEqual(expected);
  });

  test.each(
    [
      '',
      '/tcp',
      'http',
      '80/http',
      '80/tcp/udp',
      '65536',
      '-1',
      '1-2-3',
      '5-4',
      '80-',
      '+80',
      '8o',
      'x:80',
      '1-2:3-5',
    ].concat(['localhost:1:2', '1.2.3:1:2', 'fe80::1%eth0:1:2', '80:']),
  )('%j is no port', (word) => {
    expect(() => expandPorts([word])).toThrow(expect.objectContaining({ code: 'DOCKERFILE_PORT' }));
  });

  test('no more than there can be', () => {
    expect(expandPorts(['0-65535/tcp', '0-65535/udp', '0-65535/sctp'])).toHaveLength(3 * 65_536);
    expect(() => expandPorts(Array.from({ length: 10_000 }, () => '0-65535'))).toThrow(/more ports/);
  });
});

describe('checkStopSignal', () => {
  test.each([
    'SIGTERM',
    'TERM',
    'sigterm',
    'Kill',
    '1',
    '15',
    '64',
    'SIGRTMIN',
    'RTMIN+1',
    'RTMIN+15',
    'SIGRTMAX-14',
    'RTMAX',
  ])('%s is one', (text) => {
    expect(() => checkStopSignal(text)).not.toThrow();
  });

  test.each([
    '',
    '0',
    '65',
    '-1',
    '1.5',
    'SIG',
    'SIGSIGTERM',
    'TERMINATE',
    'RTMIN+0',
    'RTMIN+16',
    'RTMAX-15',
    'RTMIN-1',
    ' TERM',
  ])('%j is none', (text) => {
    expect(() => checkStopSignal(text)).toThrow(expect.objectContaining({ code: 'DOCKERFILE_STOPSIGNAL' }));
  });

  test('names a near one', () => {
    expect(() => checkStopSignal('SIGTREM')).toThrow(
      expect.objectContaining({ hint: 'Did you mean SIGTERM?' }),
    );
  });
});

describe('suggest', () => {
  const names = ['RUN', 'FROM', 'COPY', 'ENTRYPOINT', 'HEALTHCHECK'];
  test.each<[string, string | undefined]>([
    ['RUNN', 'RUN'],
    ['RN', 'RUN'],
    ['FORM', 'FROM'],
    ['copi', 'COPY'],
    ['ENTRYPINT', 'ENTRYPOINT'],
    ['HELTHCHEK', 'HEALTHCHECK'],
    ['RUN', 'RUN'],
    ['X', undefined],
    ['', undefined],
    ['MAKE', undefined],
    ['ENTRY', undefined],
    ['R'.repeat(100_000), undefined],
  ])('%s → %s', (word, expected) => {
    expect(suggest(word, names)).toBe(expected);
  });
});

describe('messages', () => {
  test('long text is cut between characters', () => {
    expect(clip('short')).toBe('short');
    expect(clip('😀'.repeat(80))).toBe('😀'.repeat(80));
    expect(clip('😀'.repeat(81))).toBe(`${'😀'.repeat(79)}…`);
    expect(clip('x'.repeat(1_000_000))).toHaveLength(80);
  });

  test('what cannot be seen is written out', () => {
    expect(quote('a\n"b\u0000')).toBe('"a\\n\\"b\\u0000"');
  });
});

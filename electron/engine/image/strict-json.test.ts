import { expect, test } from 'vitest';
import { parseStrictJson } from './strict-json.ts';

const label = { name: 'It', code: 'BAD' };
const parse = (text: string | Uint8Array): unknown => parseStrictJson(Buffer.from(text), label);

test.each([
  '{}',
  '[]',
  'null',
  '"a"',
  '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
  '{"a":"b","b":"a","c":"a"}',
  '{"a\\"":1,"a":"x\\\\","b":"{\\"a\\":1}"}',
  '{"a":1,"A":2}',
  `${'['.repeat(64)}${']'.repeat(64)}`,
])('reads %s', (text) => {
  expect(parse(text)).toEqual(JSON.parse(text));
});

test.each([
  ['', 'not valid JSON'],
  ['{', 'not valid JSON'],
  ['\ufeff{}', 'not valid JSON'],
  ['{"a":1,"a":2}', 'the key "a" twice'],
  ['{"a":1,"\\u0061":2}', 'the key "a" twice'],
  [`{"a":1,"a"${' '.repeat(100)}:2}`, 'the key "a" twice'],
  ['{"x":[{"b":{},"c":0,"b":1}]}', 'the key "b" twice'],
  ['{"__proto__":1,"__proto__":2}', 'the key "__proto__" twice'],
  ['{"\\u202e":1,"\\u202e":2}', 'the key "\\u202e" twice'],
  [`${'['.repeat(65)}${']'.repeat(65)}`, 'more than 64 levels'],
])('refuses %j', (text, sentence) => {
  expect(() => parse(text)).toThrowError(
    expect.objectContaining({ code: 'BAD', message: expect.stringContaining(sentence) as string }),
  );
});

test('bytes that are no UTF-8 are refused', () => {
  expect(() => parse(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toThrowError(/not UTF-8/);
});

test('large documents take little time', () => {
  const text = JSON.stringify(
    Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key-${i}`, 'x'.repeat(20)])),
  );
  const start = performance.now();
  parse(text);
  expect(performance.now() - start).toBeLessThan(2_000);
});

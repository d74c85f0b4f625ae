import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeName, displayName, encodeName, fsPath } from './byte-path.ts';

describe('names as text', () => {
  test.each<[hex: string, text: string]>([
    ['61c3a9', 'aé'],
    ['f09f9880', '😀'],
    ['efbfbd', '\ufffd'],
    ['61e962', 'a\udce9b'],
    ['c3', '\udcc3'],
    ['c0af', '\udcc0\udcaf'],
    ['eda080', '\udced\udca0\udc80'],
    ['f4908080', '\udcf4\udc90\udc80\udc80'],
    ['e28261', '\udce2\udc82a'],
    ['efbfbdff', '\ufffd\udcff'],
  ])('%s → %j', (hex, text) => {
    expect(decodeName(Buffer.from(hex, 'hex'))).toBe(text);
    expect(encodeName(text).toString('hex')).toBe(hex);
  });

  test('every name comes back byte for byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        expect(encodeName(decodeName(bytes))).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 5000 },
    );
  });

  test('many bad bytes are decoded quickly', () => {
    const started = performance.now();
    decodeName(Buffer.alloc(1_000_000, 0xe9));
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test('what a string cannot say is bytes to the file system and escapes in messages', () => {
    expect(fsPath('é')).toBe('é');
    expect(fsPath('\udce9')).toEqual(Buffer.from([0xe9]));
    expect(displayName('a\udce9')).toBe('a\\xe9');
  });
});

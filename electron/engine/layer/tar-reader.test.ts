import { describe, expect, test } from 'vitest';
import { tarOf } from './tar-fixture.ts';
import { readTar } from './tar-reader.ts';

const tar = tarOf(
  { name: 'a', data: 'A'.repeat(1000) },
  { name: 'd/' },
  { name: 'b', data: 'B'.repeat(2000) },
);

async function* pieces(data: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += length) yield data.subarray(at, at + length);
}
async function text(body: AsyncIterable<Buffer>, limit = Infinity): Promise<string> {
  let result = '';
  for await (const part of body) {
    result += part.toString();
    if (result.length >= limit) break;
  }
  return result;
}

describe.each([1, 100, 512, 1_000_000])('in pieces of %i', (length) => {
  test('gives each member and its content', async () => {
    const found: string[] = [];
    for await (const { header, body } of readTar(pieces(tar, length)))
      found.push(`${header.name} ${await text(body)}`);
    expect(found).toEqual([`a ${'A'.repeat(1000)}`, 'd/ ', `b ${'B'.repeat(2000)}`]);
  });
  test('skips what is not read, or not read to its end', async () => {
    const found: string[] = [];
    for await (const { header, body } of readTar(pieces(tar, length))) {
      found.push(header.name);
      if (header.name === 'b') expect((await text(body, 1)).startsWith('B')).toBe(true);
    }
    expect(found).toEqual(['a', 'd/', 'b']);
  });
  test('fails where the archive ends too early', async () => {
    const all = async (): Promise<void> => {
      for await (const { body } of readTar(pieces(tar.subarray(0, 2500), length))) await text(body);
    };
    await expect(all()).rejects.toThrowError(expect.objectContaining({ code: 'LAYER_TRUNCATED' }));
  });
});

test('closes the source when the caller leaves, and stops when told to', async () => {
  let closed = false;
  async function* source(): AsyncGenerator<Buffer> {
    try {
      yield* pieces(tar, 100);
    } finally {
      closed = true;
    }
  }
  for await (const { header } of readTar(source())) {
    expect(header.name).toBe('a');
    break;
  }
  expect(closed).toBe(true);
  const stopped = readTar(pieces(tar, 100), AbortSignal.abort());
  await expect(stopped.next()).rejects.toThrowError(expect.objectContaining({ name: 'AbortError' }));
});

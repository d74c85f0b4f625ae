import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_SECRET_BYTES, readSecrets } from './read-secrets.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-secrets-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('files and values, up to 500 KiB, bytes as they are', async () => {
  const path = join(folder, 'most');
  await writeFile(path, Buffer.alloc(MAX_SECRET_BYTES, 0xff));
  const secrets = await readSecrets([
    { id: 'a', path },
    { id: 'b', value: 'ü\n' },
    { id: 'c', value: '' },
  ]);
  expect(secrets.get('a')).toHaveLength(MAX_SECRET_BYTES);
  expect(secrets.get('a')?.at(-1)).toBe(0xff);
  expect(secrets.get('b')).toEqual(Buffer.from('ü\n'));
  expect(secrets.get('c')).toHaveLength(0);
});

test('what is larger, and what never ends, is refused without being read whole', async () => {
  const value = 'x'.repeat(MAX_SECRET_BYTES + 1);
  const refused = { code: 'SECRET_TOO_LARGE', message: 'The secret "a" has more than 500 KiB.' };
  await expect(readSecrets([{ id: 'a', value }])).rejects.toMatchObject(refused);
  await expect(readSecrets([{ id: 'a', path: '/dev/zero' }])).rejects.toMatchObject(refused);
});

test('what cannot be read is named', async () => {
  for (const path of [join(folder, 'none'), folder]) {
    await expect(readSecrets([{ id: 'a', path }])).rejects.toMatchObject({
      code: 'SECRET_UNREADABLE',
      message: `The secret "a" cannot be read from ${path}.`,
    });
  }
});

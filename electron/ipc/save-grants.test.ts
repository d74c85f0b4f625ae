import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSaveGrants } from './save-grants.ts';

test('with dialogs only what was chosen may be written, and once', async () => {
  const grants = createSaveGrants(true);
  await expect(grants.take('/tmp/x.tar')).rejects.toMatchObject({ code: 'SAVE_PATH_REFUSED' });
  grants.grant('/tmp/x.tar');
  await expect(grants.take('/tmp/y.tar')).rejects.toMatchObject({ code: 'SAVE_PATH_REFUSED' });
  expect(await grants.take('/tmp/x.tar')).toBe('/tmp/x.tar');
  await expect(grants.take('/tmp/x.tar')).rejects.toMatchObject({ code: 'SAVE_PATH_REFUSED' });
});

test('without dialogs only a new file may be written', async () => {
  const grants = createSaveGrants(false);
  const fresh = join(tmpdir(), `slipway-fresh-${process.pid}`, '..', 'new.tar-that-is-not-there');
  expect(await grants.take(fresh)).toBe(join(tmpdir(), 'new.tar-that-is-not-there'));
  await expect(grants.take('/etc/passwd')).rejects.toMatchObject({ code: 'SAVE_PATH_TAKEN' });
});

test.each(['-', 'x.tar', '', '/tmp/a\0b'])('%j is no path to write to', async (path) => {
  await expect(createSaveGrants(false).take(path)).rejects.toMatchObject({ code: 'SAVE_PATH_REFUSED' });
});

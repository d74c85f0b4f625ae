import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { settingsPath } from '../base/settings-file.ts';
import { readSettings, settingsFor } from './settings.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'slipway-settings-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function settings(text: string): ReturnType<typeof readSettings> {
  const environment = { XDG_CONFIG_HOME: home };
  await mkdir(join(home, 'slipway'), { recursive: true });
  await writeFile(settingsPath(environment), text);
  return readSettings(environment);
}

const registries = (value: unknown): ReturnType<typeof settings> =>
  settings(JSON.stringify({ registries: value }));

test('where the file is looked for', () => {
  expect(settingsPath({ XDG_CONFIG_HOME: '/c', HOME: '/h' })).toBe('/c/slipway/settings.json');
  expect(settingsPath({ HOME: '/h' })).toBe('/h/.config/slipway/settings.json');
  expect(settingsPath({ XDG_CONFIG_HOME: 'relative', HOME: '/h' })).toBe('/h/.config/slipway/settings.json');
});

test('without a file, and without an entry, nothing is set', async () => {
  const none = { mirrors: [], insecure: false };
  expect(settingsFor(await readSettings({ HOME: home }), 'docker.io')).toEqual(none);
  expect(settingsFor(await settings('{}'), 'docker.io')).toEqual(none);
});

test('mirrors in their order, with a path where there is one', async () => {
  const found = await registries({
    'docker.io': {
      mirrors: ['https://a.example', 'https://b.example:5000/hub/', 'http://127.0.0.1:1/', 'http://lan:5000'],
    },
    'lan:5000': { insecure: true },
  });
  expect(settingsFor(found, 'docker.io').mirrors).toEqual([
    { domain: 'a.example', prefix: '' },
    { domain: 'b.example:5000', prefix: 'hub/' },
    { domain: '127.0.0.1:1', prefix: '' },
    { domain: 'lan:5000', prefix: '' },
  ]);
  expect(settingsFor(found, 'lan:5000').insecure).toBe(true);
});

test.each<readonly [string, unknown, string]>([
  ['registries', 5, 'must be Object'],
  ['registries.docker.io', true, 'must be'],
  ['registries.docker.io.mirrors', { mirrors: 'https://x' }, 'must be Array'],
  ['registries.docker.io.mirrors.1', { mirrors: ['https://x', 5] }, 'must be string'],
  ['registries.docker.io.insecure', { insecure: 'yes' }, 'must be boolean'],
  ['registries.docker.io.miror', { miror: [] }, 'is not known'],
  ['registries.docker.io.mirrors.0', { mirrors: ['mirror.example'] }, 'must be an address'],
  ['registries.docker.io.mirrors.0', { mirrors: ['ftp://x'] }, 'must be an address'],
  ['registries.docker.io.mirrors.0', { mirrors: ['https://me:hunter2@x'] }, 'without a password'],
  ['registries.docker.io.mirrors.0', { mirrors: ['http://mirror.example'] }, '"insecure": true'],
  ['registries.docker.io.mirrors.0', { mirrors: ['https://127.0.0.1'] }, 'plain http'],
])('%s is wrong', async (key, value, says) => {
  const given = key === 'registries' ? value : { 'docker.io': value };
  const failure = await registries(given).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'SETTINGS_INVALID' });
  const { message } = failure as Error;
  expect(message).toContain(join(home, 'slipway/settings.json'));
  expect(message).toContain(`"${key}"`);
  expect(message).toContain(says);
  expect(message).not.toContain('hunter2');
});

test.each(['not a host', 'docker.io/library', 'plainname', ''])('"%s" is no registry', async (name) => {
  await expect(registries({ [name]: {} })).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
});

test('what is no JSON is named by its file', async () => {
  await expect(settings('{')).rejects.toMatchObject({
    message: `${join(home, 'slipway/settings.json')} is not valid JSON.`,
  });
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPageFiles } from './page-files.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-page-'));
  await mkdir(join(root, 'page/assets'), { recursive: true });
  await writeFile(join(root, 'secret.html'), 'secret');
  await writeFile(join(root, 'page/index.html'), '<!doctype html>');
  await writeFile(join(root, 'page/assets/main-abc.js'), 'export {}');
  await writeFile(join(root, 'page/assets/notes.txt'), 'not a kind of file the page has');
});
afterAll(() => rm(root, { recursive: true }));

describe('readPageFiles', () => {
  test.each([
    ['/', 'text/html; charset=utf-8', 'no-store'],
    ['/index.html', 'text/html; charset=utf-8', 'no-store'],
    ['/assets/main-abc.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
  ])('%s is answered with its type and the policy', async (path, type, caching) => {
    const { status, headers } = await readPageFiles(join(root, 'page'))(path);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': type,
      'cache-control': caching,
      'x-content-type-options': 'nosniff',
    });
    expect(headers['content-security-policy']).toContain(`default-src 'none'; script-src 'self'`);
  });

  test.each([
    '',
    '/nothing',
    '/assets',
    '/assets/',
    '/assets/notes.txt',
    '/../secret.html',
    '/%2e%2e/secret.html',
    '/..%2fsecret.html',
    '/assets/../../secret.html',
    '//index.html',
    '\\..\\secret.html',
    '/index.html\0',
    '/__proto__',
  ])('%j is not there', async (path) => {
    const { status, body, headers } = await readPageFiles(join(root, 'page'))(path);
    expect([status, body.toString()]).toEqual([404, 'There is nothing here.\n']);
    expect(headers).toHaveProperty('content-security-policy');
  });

  test('a folder that is not there fails at once', () => {
    expect(() => readPageFiles(join(root, 'none'))).toThrow(/ENOENT/);
  });
});

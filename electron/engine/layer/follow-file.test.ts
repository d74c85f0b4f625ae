import { createHash, randomBytes } from 'node:crypto';
import { closeSync, lstatSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createWorkerPool } from '../base/worker-pool.ts';
import { createWriteProgress, followFileJob, publishProgress } from './follow-file.ts';
import type { LayerPlanEntry } from './toc.ts';
import { writeLayer, writeLayerJob } from './write-layer.ts';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'slipway-follow-'))));
afterEach(() => rmSync(dir, { recursive: true }));
const pool = createWorkerPool(2);
afterAll(() => pool.close());

const running = { cancelled: () => false };
const sha256 = (data: Uint8Array): string => `sha256:${createHash('sha256').update(data).digest('hex')}`;

describe('a follower', () => {
  test('waits for what is still being written, and reads no further than it was told', async () => {
    const path = join(dir, 'file');
    const progress = createWriteProgress();
    const following = pool.run<string>('layer.hash', { path, progress });
    const data = randomBytes(3_000_000);
    const file = openSync(path, 'w');
    for (let at = 0; at < data.length; at += 500_000) {
      writeSync(file, data, at, 500_000);
      publishProgress(progress, at + 500_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    writeSync(file, 'not part of it');
    closeSync(file);
    publishProgress(progress, data.length, true);
    expect(await following).toBe(sha256(data));
  });

  test('of a file without a byte needs no file', () => {
    const progress = createWriteProgress();
    publishProgress(progress, 0, true);
    expect(followFileJob({ path: join(dir, 'none'), progress }, running)).toBe(sha256(Buffer.alloc(0)));
  });

  test('stops when it is no longer wanted, though it hears nothing', async () => {
    const stop = new AbortController();
    const input = { path: join(dir, 'none'), progress: createWriteProgress() };
    const following = pool.run('layer.hash', input, { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(following).rejects.toThrow(/abort/i);
  });
});

describe('a large layer', () => {
  const entryOf = (path: string): LayerPlanEntry => {
    const { dev, ino, size, mtimeMs, ctimeMs } = lstatSync(path);
    const stamp = { dev, ino, size, mtimeMs, ctimeMs };
    const metadata = { path: 'large', type: 'file' as const, mode: 0o644, uid: 0, gid: 0, mtime: 1 };
    return { ...metadata, size, source: { kind: 'host', path, stamp } };
  };

  test('is what one worker alone would write', async () => {
    const source = join(dir, 'source');
    writeFileSync(source, randomBytes(9_000_000));
    const entries = [entryOf(source)];
    const alone = writeLayerJob({ entries, path: join(dir, 'alone') }, running);
    expect(await writeLayer(pool, { entries, path: join(dir, 'followed') })).toEqual(alone);
  });

  test('of a file that changed fails as the writer does, and leaves both workers free', async () => {
    const source = join(dir, 'source');
    writeFileSync(source, randomBytes(9_000_000));
    const entries = [entryOf(source)];
    writeFileSync(source, 'short');
    const failed = expect.objectContaining({ code: 'CONTEXT_FILE_CHANGED' });
    for (let round = 0; round < 3; round++) {
      await expect(writeLayer(pool, { entries, path: join(dir, `layer${round}`) })).rejects.toEqual(failed);
    }
  });
});

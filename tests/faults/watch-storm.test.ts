import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { slipway, startSlipway } from '../integration/support/cli.ts';

const FILES = 50_000;
const FOLDERS = 500;
/** The sources run as they are here, which takes some memory of its own; the bundle stays below 450 MiB. */
const MOST_MEMORY = 600 * 2 ** 20;

test('50,000 files made in one go: one build after it, with all of them', { timeout: 300_000 }, async () => {
  const place = mkdtempSync(join(tmpdir(), 'slipway-storm-'));
  const folder = join(place, 'project');
  mkdirSync(folder);
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
  const watching = startSlipway(['--store', join(place, 'store'), 'watch', '-t', 'storm', folder]);
  try {
    await watching.printed('#1 built');
    for (let i = 0; i < FILES; i++) {
      const part = join(folder, 'storm', String(i % FOLDERS));
      if (i < FOLDERS) mkdirSync(part, { recursive: true });
      writeFileSync(join(part, `file${i}`), `file ${i}`);
    }
    await watching.printed('#2');
    const memory = mostMemory(watching.child.pid!);
    // Whatever else were to be built would be built before this.
    writeFileSync(join(folder, 'last'), '');
    await watching.printed('#3');
    watching.child.kill('SIGINT');
    const { code, stderr } = await watching.result;
    expect(code).toBe(0);
    expect(stderr.match(/^#\d+/gm)).toEqual(['#1', '#2', '#3']);
    console.log(`${Math.round(memory / 2 ** 20)} MiB at most`);
    expect(memory).toBeLessThan(MOST_MEMORY);
    const scratch = await slipway(['--store', join(place, 'other'), 'build', '-t', 'storm', folder]);
    expect(scratch.code, scratch.stderr).toBe(0);
    expect(layersOf(join(place, 'store'))).toEqual(layersOf(join(place, 'other')));
  } finally {
    watching.child.kill('SIGKILL');
    rmSync(place, { recursive: true, force: true });
  }
});

function mostMemory(pid: number): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** Digests of the layers of the only tagged image. */
function layersOf(store: string): readonly string[] {
  const blob = (digest: string): unknown =>
    JSON.parse(readFileSync(join(store, 'blobs', 'sha256', digest.slice(7)), 'utf8'));
  const index = JSON.parse(readFileSync(join(store, 'index.json'), 'utf8')) as {
    readonly manifests: readonly { readonly digest: string }[];
  };
  const manifest = blob(index.manifests[0]!.digest) as {
    readonly layers: readonly { readonly digest: string }[];
  };
  return manifest.layers.map(({ digest }) => digest);
}

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { digestOf } from '../../electron/engine/base/digest.ts';
import { removeTree } from '../../electron/engine/base/remove-tree.ts';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { tarOf, type FixtureMember } from '../../electron/engine/layer/tar-fixture.ts';
import type { BuildEvent } from '../../shared/build-events.ts';
import { CANARY_TEXT, canaryState, makeCanary } from './canary.ts';
import { livingThings } from './run-census.ts';

/** An engine with a canary beside it: whatever is loaded and built here must leave that, and the machine, as they are. */
export interface HostileEngine {
  readonly place: string;
  readonly store: string;
  /** The canary's folder, an absolute path. */
  readonly canary: string;
  readonly engine: Engine;
  /** Loads an image of these layers as `hostile`, from a docker archive. */
  load(layers: readonly Layer[], config?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Builds the Dockerfile with these files beside it; answers what the commands printed. */
  build(dockerfile: string, options?: BuildOptions): Promise<string>;
  close(): Promise<void>;
}

/** Members of a layer, or a whole layer. */
export type Layer = readonly (FixtureMember | Buffer)[] | Buffer;

export interface BuildOptions {
  /** Programs beside the Dockerfile. */
  readonly binaries?: Readonly<Record<string, Uint8Array>>;
  readonly platform?: string;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: BuildEvent) => void;
}

/** The layer that every hostile image begins with: a shell, so that commands can be run in it. */
export const SHELL: Layer = [
  { name: 'bin/' },
  { name: 'bin/busybox', mode: 0o755, data: readFileSync('/bin/busybox') },
  ...['sh', 'cat', 'ls', 'stat', 'touch', 'find', 'ln', 'rm', 'mv', 'mkdir', 'echo', 'sleep', 'dd'].map(
    (name): FixtureMember => ({ name: `bin/${name}`, type: 'hardlink', linkname: 'bin/busybox' }),
  ),
];

export async function openHostileEngine(): Promise<HostileEngine> {
  const place = await mkdtemp(join(tmpdir(), 'slipway-hostile-'));
  const [store, canary, project] = [join(place, 'store'), join(place, 'canary'), join(place, 'project')];
  mkdirSync(project);
  makeCanary(canary);
  const engine = await createEngine({ store });
  return {
    ...{ place, store, canary, engine },
    async load(layers, config = {}) {
      const path = join(place, 'image.tar');
      writeFileSync(path, dockerArchive(layers, config));
      await engine.images.load(path);
    },
    async build(dockerfile, { binaries = {}, platform, signal, onEvent } = {}) {
      rmSync(project, { recursive: true });
      mkdirSync(project);
      copyFileSync('/bin/busybox', join(project, 'busybox'));
      for (const [name, data] of Object.entries(binaries))
        writeFileSync(join(project, name), data, { mode: 0o755 });
      writeFileSync(join(project, 'Dockerfile'), dockerfile);
      let log = '';
      await engine.build(
        {
          ...{ folder: project, tags: [], buildArgs: {}, labels: {}, noCache: false },
          trigger: { kind: 'manual' },
          ...(platform === undefined ? {} : { platform }),
        },
        {
          ...(signal === undefined ? {} : { signal }),
          onEvents(events) {
            for (const event of events) {
              onEvent?.(event);
              if (event.type === 'step.log' && onEvent === undefined) log += event.text;
            }
          },
        },
      );
      return log;
    },
    async close() {
      await engine.close();
      await removeTree(place);
    },
  };
}

/** Does something hostile and compares the machine before and after: the canary, host files, mounts and processes. */
export async function unharmed<T>({ place, canary }: HostileEngine, work: () => Promise<T>): Promise<T> {
  // Files that anybody may read, and the runtime.
  const hostFiles = ['/etc/hosts', '/etc/resolv.conf', '/usr/bin/crun'];
  const before = canaryState(canary, ...hostFiles);
  try {
    return await work();
  } finally {
    expect(canaryState(canary, ...hostFiles)).toBe(before);
    expect(livingThings({ place, marker: 'no process of ours' })).toEqual([]);
  }
}

/** Whether any file of the store holds the canary's text. */
export function expectNoCanaryIn(store: string): void {
  const found = execFileSync('sh', ['-c', 'grep -rslF -- "$1" "$2" || true', 'sh', CANARY_TEXT, store], {
    encoding: 'utf8',
  });
  expect(found).toBe('');
}

/** An archive as `docker save` makes them; `pack` compresses its layers. */
export function dockerArchive(
  layers: readonly Layer[],
  config: Readonly<Record<string, unknown>> = {},
  pack: (tar: Buffer) => Buffer = (tar) => tar,
): Buffer {
  const tars = layers.map((layer) => (Buffer.isBuffer(layer) ? layer : tarOf(...layer)));
  const image = {
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['sh'], ...config },
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) },
  };
  const manifest = {
    Config: 'config.json',
    RepoTags: ['hostile:latest'],
    Layers: tars.map((_, i) => `${i}.tar`),
  };
  return tarOf(
    { name: 'config.json', data: JSON.stringify(image) },
    ...tars.map((tar, i): FixtureMember => ({ name: `${i}.tar`, data: pack(tar) })),
    { name: 'manifest.json', data: JSON.stringify([manifest]) },
  );
}

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBreakingProxy } from './support/breaking-proxy.ts';
import { useCliBench } from './support/cli-bench.ts';
import { startDockerRegistry, type DockerRegistry } from './support/docker-registry.ts';
import { listDirectory, listingText } from './support/listing.ts';
import { openPeers, type Peers } from './support/peers.ts';

/** Pushes of an image whose layer is larger than a chunk and than a piece that is compressed at once. */

const MIB = 1024 * 1024;
const SIZE = 24 * MIB;
const bench = useCliBench();
let registry: DockerRegistry;
let peers: Peers;
beforeAll(async () => {
  [registry, peers] = await Promise.all([startDockerRegistry(), openPeers()]);
});
afterAll(() => Promise.all([registry?.close(), peers?.close()]));

async function succeed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await bench.cli(...args);
  expect(code, stderr).toBe(0);
  return stdout;
}

/** Most of it cannot be compressed. */
async function buildLarge(name: string): Promise<void> {
  writeFileSync(
    join(bench.project(), 'large'),
    Buffer.concat([randomBytes(SIZE * 0.75), Buffer.alloc(SIZE / 4, 'text ')]),
  );
  writeFileSync(
    join(bench.project(), 'Dockerfile'),
    'FROM scratch\nCOPY large /\nCOPY a.txt b.txt /small/\n',
  );
  expect((await bench.build('-t', name, '-o', join(bench.place(), 'files'))).code).toBe(0);
}

const expected = (): string => listingText(listDirectory(join(bench.place(), 'files')));

async function podmanHas(name: string): Promise<void> {
  await peers.podman('pull', '-q', '--tls-verify=false', name);
  expect(listingText(listDirectory(await peers.mount(name)))).toBe(expected());
}

async function weHave(name: string): Promise<void> {
  const store = join(bench.place(), 'other');
  await succeed('--store', store, 'pull', name);
  const out = join(bench.place(), 'pulled');
  mkdirSync(join(bench.place(), 'empty'));
  writeFileSync(join(bench.place(), 'empty', 'Dockerfile'), `FROM ${name}\n`);
  await succeed('--store', store, 'build', '-o', out, join(bench.place(), 'empty'));
  expect(listingText(listDirectory(out))).toBe(expected());
}

interface Manifest {
  readonly layers: readonly { readonly mediaType: string; readonly size: number }[];
}

describe.each([
  ['gzip', '+gzip', true],
  ['zstd', '+zstd', true],
  ['uncompressed', '', false],
])('--compression %s', (compression, suffix, shrinks) => {
  test('is read by podman, by skopeo and by us', async () => {
    const name = `${registry.host}/large/${compression}:1`;
    await buildLarge(name);
    const before = registry.log().length;
    await succeed('push', '--compression', compression, name);
    expect(registry.log().slice(before)).toMatch(
      /"PATCH \/v2\/large\/[a-z]+\/blobs\/uploads\/[^ ]+ HTTP\/1.1" 202/,
    );
    const raw = await peers.skopeo('inspect', '--raw', '--tls-verify=false', `docker://${name}`);
    const { layers } = JSON.parse(raw) as Manifest;
    for (const { mediaType } of layers)
      expect(mediaType).toBe(`application/vnd.oci.image.layer.v1.tar${suffix}`);
    expect(layers[0]!.size < SIZE * 0.8).toBe(shrinks);
    await podmanHas(name);
    await weHave(name);
  });
});

test('layers that came compressed stay as they are, and are mounted from where they came', async () => {
  const base = `${registry.host}/kept/base:1`;
  await bench.build('-t', base);
  await succeed('push', base);
  await succeed('rmi', base);
  writeFileSync(join(bench.project(), 'Dockerfile'), `FROM ${base}\nCOPY b.txt /more\n`);
  const name = `${registry.host}/kept/derived:1`;
  await bench.build('-t', name);
  const before = registry.log().length;
  await succeed('push', '--compression', 'zstd', name);
  expect(
    registry
      .log()
      .slice(before)
      .match(/\?mount=[^ ]+ HTTP\/1.1" 201/g),
  ).toHaveLength(3);
  const raw = await peers.skopeo('inspect', '--raw', '--tls-verify=false', `docker://${name}`);
  expect((JSON.parse(raw) as Manifest).layers.map(({ mediaType }) => mediaType.split('+')[1])).toEqual([
    'gzip',
    'gzip',
    'gzip',
    'zstd',
  ]);
});

// This registry forgets an upload that breaks in the middle of a chunk; unit tests have one that does not.
test('all of it arrives over connections that break while pushing and pulling', async () => {
  await buildLarge('large');
  const up = await startBreakingProxy(registry.host, 'up', 7 * MIB, 2);
  try {
    await succeed('tag', 'large', `${up.host}/broken/app:1`);
    await succeed('push', '--compression', 'uncompressed', `${up.host}/broken/app:1`);
    expect(up.broken()).toBe(2);
  } finally {
    await up.close();
  }
  const down = await startBreakingProxy(registry.host, 'down', 7 * MIB, 2);
  try {
    await weHave(`${down.host}/broken/app:1`);
    expect(down.broken()).toBe(2);
  } finally {
    await down.close();
  }
});

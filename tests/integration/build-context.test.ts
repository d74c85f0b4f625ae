import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useCliBench, type Inspected } from './support/cli-bench.ts';
import { listDirectory, listingText } from './support/listing.ts';
import { IS_ROOT, openPeers, type Peers } from './support/peers.ts';
import { writeTree, type Tree } from './support/tree.ts';

/** `--build-context`: folders, images and layouts in the place of stages and images. */

const bench = useCliBench();
let peers: Peers;
beforeAll(async () => {
  peers = await openPeers();
});
afterAll(() => peers?.close());

const SHARED: Tree = {
  '.dockerignore': 'secret\n',
  'lib/one.js': 'one',
  'lib/two.js': { text: 'two', mode: 0o755 },
  link: { symlink: 'lib' },
  secret: 'secret',
};

const dockerfile = (text: string): void => writeFileSync(join(bench.project(), 'Dockerfile'), text);

async function shared(): Promise<string> {
  const path = join(bench.place(), 'shared');
  mkdirSync(path);
  await writeTree(path, SHARED);
  return path;
}

async function files(...args: string[]): Promise<readonly string[]> {
  const out = join(bench.place(), `out-${readdirSync(bench.place()).length}`);
  const { code, stderr } = await bench.build('-o', out, ...args);
  expect(code, stderr).toBe(0);
  return [...listDirectory(out).keys()];
}

/** Builds an image in a store of its own and has skopeo copy it to a layout. */
async function layoutOf(text: string, name: string): Promise<string> {
  dockerfile(text);
  const archive = join(bench.place(), 'made.tar');
  await bench.cli(
    '--store',
    join(bench.place(), 'made'),
    'build',
    '-o',
    `type=oci,dest=${archive}`,
    bench.project(),
  );
  const layout = join(bench.place(), 'layout');
  await peers.skopeo('copy', '-q', `oci-archive:${archive}`, `oci:${layout}:${name}`);
  return layout;
}

test('a folder: COPY --from it, with its own .dockerignore; a change of another file does not matter', async () => {
  const path = await shared();
  dockerfile('FROM scratch\nCOPY --from=shared lib /lib\nCOPY --from=shared /link/one.js a.txt* /\n');
  const args = ['--build-context', `shared=${path}`];
  expect(await files(...args)).toEqual(['lib', 'lib/one.js', 'lib/two.js', 'one.js']);
  writeFileSync(join(path, 'other'), 'other');
  expect((await bench.build(...args)).stderr).toContain('CACHED');
  appendFileSync(join(path, 'lib/two.js'), '!');
  const { stderr } = await bench.build(...args);
  expect(stderr.match(/CACHED/g) ?? []).toHaveLength(0);

  dockerfile('FROM scratch\nCOPY --from=shared secret /\n');
  const { code, stderr: message } = await bench.build(...args);
  expect(code).toBe(1);
  expect(message).toContain('"secret" does not exist in the build context "shared"');
  expect(message).toContain('It is excluded by .dockerignore.');
});

test('a folder in the place of a base image and of a stage', async () => {
  const path = await shared();
  dockerfile('FROM base AS one\nCOPY a.txt /\n');
  const all = ['.dockerignore', 'a.txt', 'lib', 'lib/one.js', 'lib/two.js', 'link'];
  expect(await files('--build-context', `base=${path}`)).toEqual(all);
  dockerfile('FROM scratch AS build\nCOPY b.txt /lib/\nFROM scratch\nCOPY --from=build /lib /lib\n');
  expect(await files()).toEqual(['lib', 'lib/b.txt']);
  expect(await files('--build-context', `build=${path}`)).toEqual(['lib', 'lib/one.js', 'lib/two.js']);
});

test('a folder that is not there is told before anything is built', async () => {
  const { code, stderr } = await bench.build('--build-context', 'shared=nowhere');
  expect(code).toBe(1);
  expect(stderr).toContain('There is no folder');
  expect(stderr).not.toContain('COPY');
});

test('a layout of skopeo, by tag, by digest, and the only one there is', async () => {
  const layout = await layoutOf('FROM scratch\nCOPY a.txt /made\nENV FROM_LAYOUT=1\n', 'v1');
  dockerfile('FROM base\nCOPY b.txt /\nCOPY --from=base /made /again\n');
  const { id } = JSON.parse(
    await peers.skopeo('inspect', '--format', '{"id":"{{.Digest}}"}', `oci:${layout}:v1`),
  ) as { id: string };
  for (const choice of [':v1', `@${id}`, '']) {
    const args = ['--build-context', `base=oci-layout://${layout}${choice}`];
    expect(await files(...args, '-t', 'built')).toEqual(['again', 'b.txt', 'made']);
  }
  const { configJson } = await bench.json<Inspected>('inspect', 'built');
  expect(configJson.config).toMatchObject({ Env: expect.arrayContaining(['FROM_LAYOUT=1']) as unknown });
  expect(await bench.json<unknown[]>('images', '--json')).toHaveLength(1);

  const missing = await bench.build('--build-context', `base=oci-layout://${layout}:v2`);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toMatch(/Dockerfile:1: .*has no image v2/);
  expect(missing.stderr).toContain('It has v1.');
});

test.runIf(IS_ROOT)('RUN --mount=from a folder and a layout', async () => {
  const path = await shared();
  const layout = await layoutOf('FROM scratch\nCOPY a.txt /made\n', 'v1');
  copyFileSync('/bin/busybox', join(bench.project(), 'busybox'));
  dockerfile(`FROM scratch
COPY busybox /bin/sh
RUN --mount=from=shared,target=/mnt --mount=from=base,source=made,target=/made \\
  echo /mnt/* > /out; read -r line < /made; echo "$line" >> /out
`);
  const out = join(bench.place(), 'mounted');
  const contexts = ['--build-context', `shared=${path}`, '--build-context', `base=oci-layout://${layout}`];
  const { code, stderr } = await bench.build(...contexts, '-o', out);
  expect(code, stderr).toBe(0);
  expect(readFileSync(join(out, 'out'), 'utf8')).toBe('/mnt/lib /mnt/link\na\n');
});

test('a damaged layout is refused, and nothing of it is kept', async () => {
  const layout = await layoutOf('FROM scratch\nCOPY a.txt /made\n', 'v1');
  for (const name of readdirSync(join(layout, 'blobs/sha256')))
    appendFileSync(join(layout, 'blobs/sha256', name), 'x');
  dockerfile('FROM base\nCOPY b.txt /\n');
  const { code, stderr } = await bench.build('--build-context', `base=oci-layout://${layout}`);
  expect(code).toBe(1);
  expect(stderr).toContain('does not have the digest and size stated for it');
  expect(await bench.json('images', '--json')).toEqual([]);
});

test.runIf(IS_ROOT)('buildah makes the same of a folder, of an image and of a replaced stage', async () => {
  const path = await shared();
  const archive = join(bench.place(), 'base.tar');
  await bench.build('-t', 'localhost/named-base', '-o', `type=docker,dest=${archive}`);
  await peers.podman('load', '-q', '-i', archive);
  dockerfile(`FROM other AS top
COPY --from=shared lib/ /lib/
COPY --from=other /a.txt /copied
FROM scratch AS stage
COPY a.txt /lost
FROM top
COPY --from=stage lib/two.js /two
`);
  const contexts = [
    ...['--build-context', `shared=${path}`],
    ...['--build-context', 'other=docker-image://localhost/named-base'],
    ...['--build-context', `stage=${path}`],
  ];
  const ours = join(bench.place(), 'ours.tar');
  const { code, stderr } = await bench.build(
    ...contexts,
    '-t',
    'localhost/ours',
    '-o',
    `type=oci,dest=${ours}`,
  );
  expect(code, stderr).toBe(0);
  await peers.podman('load', '-q', '-i', ours);
  const flags = ['--isolation', 'chroot', '--layers', '--pull-never', '--identity-label=false'];
  await peers.buildah('bud', ...flags, ...contexts, '-t', 'localhost/theirs', bench.project());
  const [mine, theirs] = [await peers.mount('localhost/ours'), await peers.mount('localhost/theirs')];
  expect(listingText(listDirectory(mine))).toBe(listingText(listDirectory(theirs)));
});

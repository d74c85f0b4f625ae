import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDockerRegistry, type DockerRegistry } from './support/docker-registry.ts';
import { openPeers, type Peers } from './support/peers.ts';
import { useCliBench, type Inspected } from './support/cli-bench.ts';

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

/** The same command line with another, empty store. */
const elsewhere = (name: string, ...args: string[]): Promise<string> =>
  succeed('--store', join(bench.place(), name), ...args);

const blobReads = (): number => [...registry.log().matchAll(/"GET \/v2\/[^" ]*\/blobs\//g)].length;

test('what is pushed is pulled by skopeo and podman, and by us', async () => {
  const name = `${registry.host}/team/app:1`;
  await bench.build('-t', name);
  const pushed = await bench.json<{ id: string }>('push', '--json', name);
  const raw = await peers.skopeo('inspect', '--raw', '--tls-verify=false', `docker://${name}`);
  expect(raw).toContain('tar+gzip');

  await peers.podman('pull', '-q', '--tls-verify=false', name);
  const { config } = await peers.config(name);
  expect(config['Cmd']).toEqual(['/a.txt']);
  const folder = await peers.mount(name);
  expect(folder).not.toBe('');

  const pulled = JSON.parse(await elsewhere('other', 'pull', '--json', name)) as { id: string };
  expect(pulled.id).toBe(pushed.id);
  const ours = await bench.json<Inspected>('inspect', name);
  const theirs = JSON.parse(await elsewhere('other', 'inspect', name)) as Inspected;
  expect(theirs.configJson).toEqual(ours.configJson);
});

test('pushing again gives the same image and sends no blob', async () => {
  const name = `${registry.host}/again/app:1`;
  await bench.build('-t', name);
  const first = await bench.json<{ id: string }>('push', '--json', name);
  const before = registry.log().length;
  expect(await bench.json('push', '--json', name)).toEqual(first);
  expect(registry.log().slice(before)).not.toContain('blobs/uploads');
});

test('what another repository of the registry has is mounted', async () => {
  const name = `${registry.host}/mount/from:1`;
  await bench.build('-t', name);
  await succeed('push', name);
  await succeed('rmi', name);
  await succeed('pull', name);
  await succeed('tag', name, `${registry.host}/mount/to:1`);
  const before = registry.log().length;
  await succeed('push', `${registry.host}/mount/to:1`);
  const requests = registry.log().slice(before);
  expect(requests).toMatch(/POST \/v2\/mount\/to\/blobs\/uploads\/\?mount=[^ ]+ HTTP\/1.1" 201/);
});

test('images of skopeo and podman are pulled: schema 2, an index of two platforms', async () => {
  const source = `${registry.host}/peer/source:1`;
  await bench.build('-t', source);
  await succeed('push', source);
  const copy = ['copy', '-q', '--src-tls-verify=false', '--dest-tls-verify=false'];
  const [from, to] = [`docker://${source}`, `docker://${registry.host}/peer`];
  await peers.skopeo(...copy, '--format', 'v2s2', from, `${to}/schema2:1`);
  const list = `${registry.host}/peer/list:1`;
  const other = `${registry.host}/peer/other:1`;
  await bench.build('-t', other, '--platform', 'linux/s390x');
  await succeed('push', other);
  await peers.podman('manifest', 'create', list);
  for (const member of [source, other])
    await peers.podman('manifest', 'add', '--tls-verify=false', list, `docker://${member}`);
  await peers.podman('manifest', 'push', '--all', '--tls-verify=false', list, `docker://${list}`);
  await peers.skopeo(...copy, '--all', `docker://${list}`, `${to}/copied:1`);
  const made = `${registry.host}/peer/buildah:1`;
  await peers.buildah('manifest', 'create', made);
  for (const member of [source, other])
    await peers.buildah('manifest', 'add', '--tls-verify=false', made, `docker://${member}`);
  await peers.buildah('manifest', 'push', '--all', '--tls-verify=false', made, `docker://${made}`);

  const expected = await bench.json<Inspected>('inspect', source);
  for (const name of ['schema2', 'list', 'copied', 'buildah']) {
    await elsewhere(name, 'pull', `${registry.host}/peer/${name}:1`);
    const found = JSON.parse(await elsewhere(name, 'inspect', `${registry.host}/peer/${name}:1`)) as {
      configJson: { rootfs: unknown };
    };
    expect(found.configJson.rootfs).toEqual((expected.configJson as unknown as { rootfs: unknown }).rootfs);
  }
  const { id } = await bench.json<{ id: string }>('push', '--json', other);
  for (const name of ['list', 'copied', 'buildah']) {
    const args = ['pull', '--json', '--platform', 'linux/s390x', `${registry.host}/peer/${name}:1`];
    expect((JSON.parse(await elsewhere(`s390x-${name}`, ...args)) as { id: string }).id).toBe(id);
  }
  const missing = await bench.cli('pull', '--platform', 'linux/ppc64le', list);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('linux/ppc64le');
});

test('FROM --platform takes the image of that platform, and leaves the name to this machine’s', async () => {
  const dockerfile = join(bench.project(), 'Dockerfile');
  const of = (platform: string): string => `${registry.host}/platforms/${platform}:1`;
  const list = of('list');
  await peers.podman('manifest', 'create', list);
  for (const platform of ['s390x', 'amd64', 'arm64']) {
    writeFileSync(dockerfile, 'FROM scratch\nARG TARGETARCH\nCOPY <<EOF /arch\n$TARGETARCH\nEOF\n');
    await bench.build('-t', of(platform), '--platform', `linux/${platform}`);
    await succeed('push', of(platform));
    await peers.podman('manifest', 'add', '--tls-verify=false', list, `docker://${of(platform)}`);
  }
  await peers.podman('manifest', 'push', '--all', '--tls-verify=false', list, `docker://${list}`);
  writeFileSync(
    dockerfile,
    `FROM --platform=linux/s390x ${list} AS other
FROM ${list}
COPY --from=other /arch /other
COPY --from=${list} /arch /own
`,
  );
  const host = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const read = async (...args: string[]): Promise<readonly string[]> => {
    const out = join(bench.place(), `out-${args.length}-${args.join('').replace(/\W/g, '')}`);
    await elsewhere('platforms', 'build', '-o', out, ...args, bench.project());
    return ['arch', 'other', 'own'].map((name) => readFileSync(join(out, name), 'utf8').trim());
  };
  expect(await read()).toEqual([host, 's390x', host]);
  const [requests, reads] = [registry.log().length, blobReads()];
  expect(await read('--no-cache')).toEqual([host, 's390x', host]);
  expect(registry.log().length).toBe(requests);
  expect(await read('--platform=linux/s390x')).toEqual(['s390x', 's390x', 's390x']);
  expect(blobReads()).toBe(reads);
  const inspected = JSON.parse(await elsewhere('platforms', 'inspect', list)) as Inspected;
  expect(inspected.platform).toBe(`linux/${host}`);
});

test('an image with zstd layers is pulled', async () => {
  // skopeo does not compress again what it knows the registry to have.
  writeFileSync(join(bench.project(), 'a.txt'), 'never pushed before');
  await bench.build('-t', 'fresh');
  const archive = join(bench.place(), 'fresh.tar');
  await succeed('save', '-o', archive, 'fresh');
  const target = `${registry.host}/peer/zstd:1`;
  const zstd = ['--dest-tls-verify=false', '--dest-compress-format', 'zstd'];
  await peers.skopeo('copy', '-q', ...zstd, `oci-archive:${archive}`, `docker://${target}`);
  const raw = await peers.skopeo('inspect', '--raw', '--tls-verify=false', `docker://${target}`);
  expect(raw).toContain('tar+zstd');
  await elsewhere('zstd', 'pull', target);
  const found = JSON.parse(await elsewhere('zstd', 'inspect', target)) as Inspected;
  expect(found.configJson).toEqual((await bench.json<Inspected>('inspect', 'fresh')).configJson);
});

test('FROM and COPY --from pull what the store lacks, by tag and by digest; --pull asks again', async () => {
  const base = `${registry.host}/base/app:1`;
  await bench.build('-t', base);
  const { id } = await bench.json<{ id: string }>('push', '--json', base);
  const dockerfile = join(bench.project(), 'Dockerfile');
  const pinned = `${registry.host}/base/app@${id}`;
  writeFileSync(dockerfile, `FROM ${base}\nCOPY --from=${pinned} /a.txt /c.txt\n`);
  const build = (...args: string[]): Promise<string> =>
    elsewhere('fresh', 'build', '-t', 'derived', '--json', ...args, bench.project());
  await build();
  const layers = JSON.parse(await elsewhere('fresh', 'history', '--json', 'derived')) as unknown[];
  expect(layers.length).toBeGreaterThan(1);

  const [before, reads] = [registry.log().length, blobReads()];
  await build();
  expect(registry.log().length).toBe(before);
  await build('--pull');
  expect(registry.log().slice(before)).toContain('GET /v2/base/app/manifests/1');
  expect(blobReads()).toBe(reads);
});

test('an image that is not there is said so, at its line', async () => {
  writeFileSync(join(bench.project(), 'Dockerfile'), `FROM ${registry.host}/no/such:1\nCOPY a.txt /\n`);
  const { code, stderr } = await bench.build();
  expect(code).toBe(1);
  expect(stderr).toContain('Dockerfile:1: ');
  expect(stderr).toContain('has no image no/such');
});

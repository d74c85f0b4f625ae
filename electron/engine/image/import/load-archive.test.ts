import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  addImage,
  addLayer,
  planned,
  sampleImage,
  withBench,
  type Bench,
} from '../../../../tests/support/image-fixture.ts';
import { digestOf, hexOf, type Digest } from '../../base/digest.ts';
import { readTar } from '../../layer/tar-reader.ts';
import { encodeTarHeader } from '../../layer/tar-header.ts';
import type { Store } from '../../store/store.ts';
import { exportDockerArchive, exportOciArchive } from '../export/image-archive.ts';
import { MEDIA_TYPE } from '../oci.ts';
import { readImage } from '../read-image.ts';
import { normalizeTag } from '../reference.ts';
import { serializeConfig, serializeManifest } from '../serialize.ts';
import { loadArchive } from './load-archive.ts';

interface Member {
  readonly name: string;
  readonly data?: Buffer | string;
  readonly link?: string;
}

const APP = normalizeTag('app:1');
const COMPRESSED_LAYER = gzipSync(tar([{ name: 'file', data: 'text' }]));
const LAYER = gunzipSync(COMPRESSED_LAYER);
const CONFIG = configOf([digestOf(LAYER)]);
const LAYOUT: Member = { name: 'oci-layout', data: '{"imageLayoutVersion":"1.0.0"}' };

describe('what loads', () => {
  test('an image comes back as it was, from an archive of ours in any order of members', () =>
    withBench(async (bench) => {
      const descriptor = await sampleImage(bench);
      const path = join(bench.directory, 'image.tar');
      for (const write of [exportOciArchive, exportDockerArchive]) {
        await write(bench.store, [{ digest: descriptor.digest, references: [APP] }], path);
        const members = await membersOf(await readFile(path));
        for (const archive of [tar(members), tar([...members].reverse())]) {
          const store = await bench.newStore();
          const loaded = await load(store, bench, archive);
          expect(loaded).toEqual({ images: [descriptor.digest], references: [APP] });
          expect(store.references.get(APP)).toEqual(descriptor);
          expect(store.images.get(descriptor.digest)).toMatchObject({ origin: 'loaded' });
          expect((await readImage(store, descriptor.digest)).config).toEqual(
            (await readImage(bench.store, descriptor.digest)).config,
          );
          expect((await load(store, bench, archive)).images).toEqual([descriptor.digest]);
        }
      }
    }));

  test('exports are deterministic', () =>
    withBench(async (bench) => {
      const { digest } = await sampleImage(bench);
      const paths = [join(bench.directory, 'a'), join(bench.directory, 'b')];
      for (const path of paths) await exportDockerArchive(bench.store, [{ digest, references: [APP] }], path);
      expect(await readFile(paths[0]!)).toEqual(await readFile(paths[1]!));
      expect(await readdir(bench.directory)).toEqual(
        expect.not.arrayContaining([expect.stringMatching(/partial/)]),
      );
    }));

  test.each([
    [
      'docker archive with compressed layer',
      dockerArchive({ layer: COMPRESSED_LAYER }),
      MEDIA_TYPE.layerGzip,
    ],
    [
      'docker archive with zstd layer',
      dockerArchive({ layer: zstdCompressSync(LAYER) }),
      MEDIA_TYPE.layerZstd,
    ],
    ['docker archive with names beginning ./', dockerArchive({ prefix: './' }), MEDIA_TYPE.layer],
    ['docker archive with a link to its layer', dockerArchive({ layerLink: true }), MEDIA_TYPE.layer],
    ['docker archive with duplicate, equal members', dockerArchive({ twice: true }), MEDIA_TYPE.layer],
    ['OCI archive', ociArchive(), MEDIA_TYPE.layerGzip],
    ['OCI archive with Docker types', ociArchive({ docker: true }), MEDIA_TYPE.layerGzip],
    ['OCI archive with an index of platforms', ociArchive({ nested: 1 }), MEDIA_TYPE.layerGzip],
    ['OCI archive with indexes four deep', ociArchive({ nested: 4 }), MEDIA_TYPE.layerGzip],
  ])('%s', (_, members, mediaType) =>
    withBench(async (bench) => {
      for (const pack of [(archive: Buffer) => archive, gzipSync, zstdCompressSync]) {
        const store = await bench.newStore();
        const loaded = await load(store, bench, pack(tar(members)));
        expect(loaded.references).toEqual([APP]);
        const image = await readImage(store, loaded.images[0]!);
        expect(image.layers.map((layer) => layer.blob.mediaType)).toEqual([mediaType]);
        expect(image.layers[0]).toMatchObject({ diffId: digestOf(LAYER), createdAt: '2020-01-01T00:00:00Z' });
        expect(await store.layers.toc(image.layers[0]!.diffId)).toMatchObject([{ path: 'file', size: 4 }]);
        expect(await readFile(await store.layers.uncompressedPath(digestOf(LAYER)))).toEqual(LAYER);
      }
    }),
  );

  test.each([
    [
      { 'io.containerd.image.name': 'docker.io/library/a:b', 'org.opencontainers.image.ref.name': 'b' },
      'a:b',
    ],
    [{ 'org.opencontainers.image.ref.name': 'ghcr.io/x/y:z' }, 'ghcr.io/x/y:z'],
    [{ 'org.opencontainers.image.ref.name': 'app' }, 'app:latest'],
    [{ 'org.opencontainers.image.ref.name': 'latest' }, undefined],
    [{ 'org.opencontainers.image.ref.name': 'v1.2' }, undefined],
    [{ 'org.opencontainers.image.ref.name': '-rf' }, undefined],
    [{}, undefined],
  ])('the name in %j is %s', (annotations, expected) =>
    withBench(async (bench) => {
      const loaded = await load(bench.store, bench, tar(ociArchive({ annotations })));
      expect(loaded.references).toEqual(expected === undefined ? [] : [normalizeTag(expected)]);
      expect(bench.store.images.list()).toHaveLength(1);
    }),
  );

  test('an archive from before Docker 1.10', () =>
    withBench(async (bench) => {
      const [low, top] = ['1'.repeat(64), '2'.repeat(64)] as const;
      const json = (image: object): string =>
        JSON.stringify({ os: 'linux', architecture: 'amd64', ...image });
      const config = { Cmd: ['/file'] };
      const loaded = await load(
        bench.store,
        bench,
        tar([
          { name: `${top}/json`, data: json({ parent: low, config, created: '2015-01-02T00:00:00Z' }) },
          { name: `${top}/layer.tar`, data: tar([{ name: 'top', data: 'x' }]) },
          { name: `${low}/json`, data: json({ container_config: { Cmd: ['/bin/sh', '-c', 'make'] } }) },
          { name: `${low}/layer.tar`, data: LAYER },
          { name: 'repositories', data: JSON.stringify({ app: { '1': top } }) },
        ]),
      );
      expect(loaded.references).toEqual([APP]);
      const image = await readImage(bench.store, loaded.images[0]!);
      expect(image.config).toMatchObject({ architecture: 'amd64', config, created: '2015-01-02T00:00:00Z' });
      expect(image.config.history?.map((entry) => entry.created_by)).toEqual(['/bin/sh -c make', undefined]);
      expect(image.config.rootfs.diff_ids[0]).toBe(digestOf(LAYER));
    }));

  test('a layout directory; links to blobs are followed, because digests are verified', () =>
    withBench(async (bench) => {
      const members = ociArchive();
      const directory = await unpack(join(bench.directory, 'layout'), members);
      const blob = join(directory, 'blobs/sha256', hexOf(digestOf(COMPRESSED_LAYER)));
      await writeFile(join(bench.directory, 'elsewhere'), await readFile(blob));
      await rm(blob);
      await symlink(join(bench.directory, 'elsewhere'), blob);
      const loaded = await loadArchive(bench.store, directory, bench);
      expect(loaded.references).toEqual([APP]);
    }));

  test('several images and tags', () =>
    withBench(async (bench) => {
      const one = await sampleImage(bench);
      const two = await addImage(bench.store, [await addLayer(bench, [planned('two')])]);
      const path = join(bench.directory, 'both.tar');
      const references = ['a:1', 'b:2'].map(normalizeTag);
      const images = [
        { digest: one.digest, references },
        { digest: two.digest, references: [] },
      ];
      for (const write of [exportOciArchive, exportDockerArchive]) {
        await write(bench.store, images, path);
        const store = await bench.newStore();
        expect(await loadArchive(store, path, bench)).toEqual({
          images: [one.digest, two.digest],
          references,
        });
      }
      const clash = images.map((image) => ({ ...image, references }));
      await expect(exportOciArchive(bench.store, clash, path)).rejects.toMatchObject({
        code: 'EXPORT_NAME_TWICE',
      });
    }));
});

describe('what is refused, with nothing stored', () => {
  const manifest = (entry: object): Member => ({ name: 'manifest.json', data: JSON.stringify([entry]) });
  const good = dockerArchive();
  const without = (name: RegExp): readonly Member[] => good.filter((member) => !name.test(member.name));
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));

  test.each<readonly [string, Buffer, string, RegExp]>([
    ['nothing', Buffer.alloc(0), 'IMAGE_ARCHIVE_UNKNOWN', /not an image archive/],
    ['text', Buffer.from('hello'), 'IMAGE_ARCHIVE_UNKNOWN', /no tar/],
    ['a picture', Buffer.alloc(4096, 0x89), 'IMAGE_ARCHIVE_UNKNOWN', /no tar/],
    ['zeros', Buffer.alloc(10_240), 'IMAGE_ARCHIVE_UNKNOWN', /empty/],
    ['a zip file', Buffer.from('PK\x03\x04'.padEnd(1024)), 'IMAGE_ARCHIVE_UNKNOWN', /no tar/],
    ['half a gzip', gzipSync(tar(good)).subarray(0, 100), 'IMAGE_ARCHIVE_UNKNOWN', /no tar/],
    ['a gzip of zeros', bomb, 'IMAGE_ARCHIVE_UNKNOWN', /empty/],
    ['some tar', tar([{ name: 'README', data: 'x' }]), 'IMAGE_ARCHIVE_UNKNOWN', /neither index.json nor/],
    ['half an archive', tar(good).subarray(0, 2000), 'IMAGE_ARCHIVE_CORRUPT', /ends too early/],
    ['no manifest.json', tar(without(/manifest/)), 'IMAGE_ARCHIVE_UNKNOWN', /neither/],
    ['no config', tar(without(/\.json$/).concat(good.at(-1)!)), 'IMAGE_ARCHIVE_CORRUPT', /not in it/],
    ['no layer', tar(without(/layer/)), 'IMAGE_ARCHIVE_CORRUPT', /layer.tar" is named/],
    ['bad JSON', tar([{ name: 'manifest.json', data: '[{' }]), 'IMAGE_ARCHIVE_CORRUPT', /not valid JSON/],
    [
      'no UTF-8',
      tar([{ name: 'manifest.json', data: Buffer.from([0x22, 0xff, 0x22]) }]),
      'IMAGE_ARCHIVE_CORRUPT',
      /UTF-8/,
    ],
    ['null', tar([{ name: 'manifest.json', data: 'null' }]), 'IMAGE_ARCHIVE_CORRUPT', /not valid/],
    ['a null image', tar([{ name: 'manifest.json', data: '[null]' }]), 'IMAGE_ARCHIVE_CORRUPT', /not valid/],
    ['no images', tar([{ name: 'manifest.json', data: '[]' }]), 'IMAGE_ARCHIVE_CORRUPT', /not valid/],
    [
      'deep JSON',
      tar([{ name: 'manifest.json', data: '['.repeat(50_000) + ']'.repeat(50_000) }]),
      'IMAGE_ARCHIVE_CORRUPT',
      /nested/,
    ],
    [
      'a key twice',
      tar([{ name: 'manifest.json', data: '[{"Config":"a","Config":"b"}]' }]),
      'IMAGE_ARCHIVE_CORRUPT',
      /twice/,
    ],
    [
      'large JSON',
      tar([{ name: 'manifest.json', data: `["${'x'.repeat(5e6)}"]` }]),
      'IMAGE_ARCHIVE_UNKNOWN',
      /neither/,
    ],
    [
      'a layer from the host',
      tar([...good.slice(0, 2), manifest({ Config: 'config.json', Layers: ['../../../../../etc/shadow'] })]),
      'IMAGE_ARCHIVE_CORRUPT',
      /etc\/shadow" is named/,
    ],
    [
      'an absolute layer',
      tar([...good.slice(0, 2), manifest({ Config: 'config.json', Layers: ['/etc/passwd'] })]),
      'IMAGE_ARCHIVE_CORRUPT',
      /is named by the archive/,
    ],
    [
      'a config from the host',
      tar([manifest({ Config: '/etc/passwd', Layers: [] })]),
      'IMAGE_ARCHIVE_CORRUPT',
      /is named by the archive/,
    ],
    [
      'a layer that links out',
      tar([good[0]!, { name: 'a/layer.tar', link: '/etc/shadow' }, good.at(-1)!]),
      'IMAGE_ARCHIVE_CORRUPT',
      /not in it/,
    ],
    [
      'a layer that links up',
      tar([good[0]!, { name: 'a/layer.tar', link: '../../etc/shadow' }, good.at(-1)!]),
      'IMAGE_ARCHIVE_CORRUPT',
      /not in it/,
    ],
    [
      'a layer that links to itself',
      tar([good[0]!, { name: 'a/layer.tar', link: 'layer.tar' }, good.at(-1)!]),
      'IMAGE_ARCHIVE_CORRUPT',
      /not in it/,
    ],
    [
      'a member twice',
      tar([{ name: 'a/layer.tar', data: 'other' }, ...good]),
      'IMAGE_ARCHIVE_CORRUPT',
      /there twice/,
    ],
    [
      'another layer than stated',
      tar(dockerArchive({ layer: tar([{ name: 'evil', data: '!' }]) })),
      'IMAGE_DIGEST_MISMATCH',
      /layer.tar" holds layer/,
    ],
    [
      'a layer that is none',
      tar(dockerArchive({ layer: Buffer.from('no tar at all'.repeat(99)) })),
      'IMAGE_ARCHIVE_CORRUPT',
      /not a good layer/,
    ],
    [
      'a layer with .. in it',
      tar(dockerArchive({ layer: tar([{ name: '../../x', data: '!' }]) })),
      'IMAGE_ARCHIVE_CORRUPT',
      /not a good layer/,
    ],
    [
      'fewer layers than stated',
      tar([...good.slice(0, 2), manifest({ Config: 'config.json', Layers: [] })]),
      'IMAGE_ARCHIVE_CORRUPT',
      /lists 1 layers/,
    ],
    [
      'too many layers',
      tar([
        ...good.slice(0, 2),
        manifest({ Config: 'config.json', Layers: Array(1001).fill('a/layer.tar') }),
      ]),
      'IMAGE_ARCHIVE_CORRUPT',
      /not valid/,
    ],
    [
      'too many tags',
      tar([
        ...good.slice(0, 2),
        manifest({ Config: 'config.json', RepoTags: Array(10_001).fill('a:b'), Layers: ['a/layer.tar'] }),
      ]),
      'IMAGE_ARCHIVE_CORRUPT',
      /not valid/,
    ],
    [
      'a config by another digest',
      tar(dockerArchive({ config: `${'0'.repeat(64)}.json` })),
      'IMAGE_DIGEST_MISMATCH',
      /what its name says/,
    ],
    ...[
      '--x',
      'A:B',
      'a/../../b',
      'x@sha256:short',
      'a:\u202e',
      '-rf',
      `${'a'.repeat(10_000)}`,
      `app@${digestOf('')}`,
    ].map(
      (tag) =>
        [
          `the tag ${tag.slice(0, 40)}`,
          tar(dockerArchive({ tag })),
          'REFERENCE_INVALID',
          /manifest.json" has a bad tag/,
        ] as const,
    ),
    [
      'a blob under another name',
      tar([...ociArchive().slice(1), { name: `blobs/sha256/${'0'.repeat(64)}`, data: 'x' }]),
      'IMAGE_DIGEST_MISMATCH',
      /what its name says/,
    ],
    [
      'an unknown layout',
      tar([{ name: 'oci-layout', data: '{"imageLayoutVersion":"2.0.0"}' }, ...ociArchive().slice(1)]),
      'IMAGE_ARCHIVE_CORRUPT',
      /version/,
    ],
    ['indexes five deep', tar(ociArchive({ nested: 5 })), 'IMAGE_ARCHIVE_CORRUPT', /deep/],
    [
      'an index as manifest',
      tar(ociArchive({ manifest: { manifests: [], layers: undefined, config: undefined } })),
      'IMAGE_ARCHIVE_CORRUPT',
      /holds something else|says it is/,
    ],
    [
      'manifest and index in one',
      tar(ociArchive({ manifest: { manifests: [] } })),
      'IMAGE_ARCHIVE_CORRUPT',
      /both a manifest and an index/,
    ],
    [
      'keys in two cases',
      tar(ociArchive({ manifest: { Layers: [] } })),
      'IMAGE_ARCHIVE_CORRUPT',
      /upper and lower case/,
    ],
    [
      'schema 1',
      tar(ociArchive({ manifest: { schemaVersion: 1, fsLayers: [] } })),
      'IMAGE_ARCHIVE_CORRUPT',
      /schema 1/,
    ],
    [
      'null layers',
      tar(ociArchive({ manifest: { layers: null } })),
      'IMAGE_ARCHIVE_CORRUPT',
      /not valid: layers/,
    ],
    [
      'a negative size',
      tar(
        ociArchive({
          manifest: { layers: [{ mediaType: MEDIA_TYPE.layer, digest: digestOf('x'), size: -1 }] },
        }),
      ),
      'IMAGE_ARCHIVE_CORRUPT',
      /layers.0.size/,
    ],
    [
      'a digest with ..',
      tar(
        ociArchive({
          manifest: { layers: [{ mediaType: MEDIA_TYPE.layer, digest: 'sha256:../../x', size: 1 }] },
        }),
      ),
      'IMAGE_ARCHIVE_CORRUPT',
      /layers.0.digest/,
    ],
    [
      'another digest algorithm',
      tar(
        ociArchive({
          manifest: {
            layers: [{ mediaType: MEDIA_TYPE.layer, digest: `sha512:${'0'.repeat(128)}`, size: 1 }],
          },
        }),
      ),
      'IMAGE_ARCHIVE_CORRUPT',
      /layers.0.digest/,
    ],
    [
      'an unknown kind of layer',
      tar(
        ociArchive({ manifest: { layers: [{ mediaType: 'text/plain', digest: digestOf('x'), size: 1 }] } }),
      ),
      'IMAGE_ARCHIVE_CORRUPT',
      /text\/plain/,
    ],
    [
      'a chart instead of an image',
      tar(
        ociArchive({
          manifest: {
            config: { mediaType: 'application/vnd.cncf.helm.config.v1+json', digest: digestOf('x'), size: 1 },
          },
        }),
      ),
      'IMAGE_ARCHIVE_CORRUPT',
      /no container image/,
    ],
    ['another size than stated', tar(ociArchive({ size: 1 })), 'IMAGE_DIGEST_MISMATCH', /digest and size/],
    [
      'a legacy loop',
      tar([
        { name: 'repositories', data: `{"a":{"b":"${'1'.repeat(64)}"}}` },
        { name: `${'1'.repeat(64)}/json`, data: `{"parent":"${'1'.repeat(64)}"}` },
      ]),
      'IMAGE_ARCHIVE_CORRUPT',
      /lies on more than/,
    ],
    [
      'a legacy parent that is a path',
      tar([{ name: 'repositories', data: '{"a":{"b":"../../etc"}}' }]),
      'IMAGE_ARCHIVE_CORRUPT',
      /not valid/,
    ],
  ])('%s', (_, archive, code, sentence) =>
    withBench(async (bench) => {
      await refused(bench, load(bench.store, bench, archive), code, sentence);
    }),
  );

  test('any byte of any blob changed', () =>
    withBench(async (bench) => {
      const { digest } = await sampleImage(bench);
      const path = join(bench.directory, 'image.tar');
      for (const write of [exportOciArchive, exportDockerArchive]) {
        await write(bench.store, [{ digest, references: [APP] }], path);
        const members = await membersOf(await readFile(path));
        const blobs = members.filter((member) => member.name.startsWith('blobs/'));
        expect(blobs.length).toBeGreaterThan(3);
        const store = await bench.newStore();
        for (const blob of blobs) {
          for (const place of [0, 0.5, 0.999]) {
            const data = Buffer.from(blob.data!);
            const at = Math.floor(data.length * place);
            data[at] = data[at]! ^ 1;
            const changed = members.map((member) => (member === blob ? { ...member, data } : member));
            await refused(
              { ...bench, store },
              load(store, bench, tar(changed)),
              'IMAGE_DIGEST_MISMATCH',
              /blobs/,
            );
          }
          const missing = tar(members.filter((member) => member !== blob));
          await refused(
            { ...bench, store },
            load(store, bench, missing),
            /IMAGE_ARCHIVE_CORRUPT|IMAGE_PLATFORM/,
            /./,
          );
        }
      }
    }));

  test('an index without an image for the platform asked for', () =>
    withBench(async (bench) => {
      const platform = { os: 'plan9', architecture: 'arm' };
      const loading = loadArchive(bench.store, chunks(tar(ociArchive({ nested: 1 }))), {
        ...bench,
        platform,
      });
      await refused(bench, loading, 'IMAGE_PLATFORM_MISSING', /has no image for plan9\/arm/);
    }));

  test('a good image beside a bad one is not taken either', () =>
    withBench(async (bench) => {
      const entries = [
        { Config: 'config.json', RepoTags: ['good:1'], Layers: ['a/layer.tar'] },
        { Config: 'config.json', RepoTags: ['bad:1'], Layers: ['missing.tar'] },
      ];
      const archive = tar([...good.slice(0, 2), { name: 'manifest.json', data: JSON.stringify(entries) }]);
      await refused(bench, load(bench.store, bench, archive), 'IMAGE_ARCHIVE_CORRUPT', /missing.tar/);
    }));

  test('a blob larger than the disk', () =>
    withBench(async (bench) => {
      const name = `blobs/sha256/${'0'.repeat(64)}`;
      const archive = header({ name }, 2 ** 52);
      await refused(bench, load(bench.store, bench, archive), 'IMAGE_ARCHIVE_TOO_LARGE', /more than is free/);
    }));

  test('a layout directory with a fifo or nothing in it', () =>
    withBench(async (bench) => {
      const directory = await unpack(join(bench.directory, 'layout'), [LAYOUT]);
      await refused(bench, loadArchive(bench.store, directory, bench), 'IMAGE_ARCHIVE_UNKNOWN', /neither/);
      execFileSync('mkfifo', [join(directory, 'index.json')]);
      await refused(
        bench,
        loadArchive(bench.store, directory, bench),
        'IMAGE_ARCHIVE_CORRUPT',
        /not a regular file/,
      );
      await refused(
        bench,
        loadArchive(bench.store, join(directory, 'index.json'), bench),
        'IMAGE_ARCHIVE_UNKNOWN',
        /neither a file/,
      );
    }));

  test('cancelling stops at once', () =>
    withBench(async (bench) => {
      const signal = AbortSignal.abort();
      await expect(loadArchive(bench.store, chunks(tar(good)), { ...bench, signal })).rejects.toMatchObject({
        name: 'AbortError',
      });
      expect(bench.store.images.list()).toEqual([]);
    }));
});

async function refused(
  { store }: Pick<Bench, 'store'>,
  loading: Promise<unknown>,
  code: string | RegExp,
  sentence: RegExp,
): Promise<void> {
  const error = (await loading.then(
    () => new Error('It was loaded.'),
    (thrown: unknown) => thrown,
  )) as { code: string; message: string };
  expect(`${error.code}: ${error.message}`).toMatch(code);
  expect(error.message).toMatch(sentence);
  expect(error.message).toMatch(/^[^\n\u202e]{1,400}\.$/);
  expect(store.images.list()).toEqual([]);
  expect(store.references.list()).toEqual([]);
  expect(await readdir(join(store.root, 'ingest'))).toEqual([]);
}

function load(store: Store, { pool }: Pick<Bench, 'pool'>, archive: Buffer): ReturnType<typeof loadArchive> {
  return loadArchive(store, chunks(archive), { pool });
}

async function* chunks(data: Buffer): AsyncIterable<Buffer> {
  for (let at = 0; at < data.length; at += 10_000) yield data.subarray(at, at + 10_000);
}

function header({ name, link }: Member, size: number): Buffer {
  const type = link === undefined ? ('file' as const) : ('symlink' as const);
  const common = { name, type, mode: 0o644, uid: 0, gid: 0, mtime: 0, size };
  return encodeTarHeader(link === undefined ? common : { ...common, linkname: link });
}

function tar(members: readonly Member[]): Buffer {
  const parts = members.flatMap((member) => {
    const data = Buffer.from(member.data ?? '');
    return [header(member, data.length), data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

async function membersOf(archive: Buffer): Promise<readonly Member[]> {
  const members: Member[] = [];
  for await (const { header, body } of readTar(chunks(archive))) {
    const parts: Buffer[] = [];
    for await (const part of body) parts.push(Buffer.from(part));
    if (header.type === 'file') members.push({ name: header.name, data: Buffer.concat(parts) });
  }
  return members;
}

async function unpack(directory: string, members: readonly Member[]): Promise<string> {
  await mkdir(join(directory, 'blobs/sha256'), { recursive: true });
  for (const { name, data } of members) await writeFile(join(directory, name), data ?? '');
  return directory;
}

function configOf(diffIds: readonly Digest[]): string {
  return serializeConfig({
    os: 'linux',
    architecture: 'amd64',
    created: '2020-01-01T00:00:00Z',
    rootfs: { type: 'layers', diff_ids: diffIds },
  });
}

/** Config, layer, manifest.json. */
function dockerArchive(
  options: {
    readonly layer?: Buffer;
    readonly layerLink?: boolean;
    readonly prefix?: string;
    readonly tag?: string;
    readonly config?: string;
    readonly twice?: boolean;
  } = {},
): readonly Member[] {
  const { layer = LAYER, prefix = '', tag = 'app:1', config = 'config.json' } = options;
  const entry = { Config: config, RepoTags: [tag], Layers: ['a/layer.tar'] };
  const layers = options.layerLink
    ? [
        { name: 'a/layer.tar', link: '../b/layer.tar' },
        { name: 'b/layer.tar', data: layer },
      ]
    : [{ name: `${prefix}a/layer.tar`, data: layer }];
  return [
    { name: prefix + config, data: CONFIG },
    ...layers,
    ...(options.twice ? layers : []),
    { name: `${prefix}manifest.json`, data: JSON.stringify([entry]) },
  ];
}

/** oci-layout, index.json, and blobs. */
function ociArchive(
  options: {
    readonly docker?: boolean;
    readonly nested?: number;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly manifest?: object;
    readonly size?: number;
  } = {},
): readonly Member[] {
  const { docker = false, nested = 0, annotations = { 'io.containerd.image.name': APP } } = options;
  const blob = (data: Buffer | string): Member => ({ name: `blobs/sha256/${hexOf(digestOf(data))}`, data });
  const manifestType = docker ? MEDIA_TYPE.dockerManifest : MEDIA_TYPE.manifest;
  const text = serializeManifest({
    schemaVersion: 2,
    mediaType: manifestType,
    config: {
      mediaType: docker ? MEDIA_TYPE.dockerConfig : MEDIA_TYPE.config,
      digest: digestOf(CONFIG),
      size: Buffer.byteLength(CONFIG),
    },
    layers: [
      {
        mediaType: docker ? MEDIA_TYPE.dockerLayer : MEDIA_TYPE.layerGzip,
        digest: digestOf(COMPRESSED_LAYER),
        size: options.size ?? COMPRESSED_LAYER.length,
      },
    ],
  });
  const manifest = options.manifest
    ? JSON.stringify({ ...(JSON.parse(text) as object), ...options.manifest })
    : text;
  const blobs = [blob(CONFIG), blob(COMPRESSED_LAYER), blob(manifest)];
  const platform = {
    os: 'linux',
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
  };
  let descriptor: object = {
    mediaType: manifestType,
    digest: digestOf(manifest),
    size: Buffer.byteLength(manifest),
  };
  for (let depth = 0; depth < nested; depth++) {
    const attestation = { ...descriptor, platform: { os: 'unknown', architecture: 'unknown' } };
    const manifests = depth === 0 ? [attestation, { ...descriptor, platform }] : [descriptor];
    const index = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests });
    blobs.push(blob(index));
    descriptor = { mediaType: MEDIA_TYPE.index, digest: digestOf(index), size: Buffer.byteLength(index) };
  }
  const index = { schemaVersion: 2, manifests: [{ ...descriptor, annotations }] };
  return [LAYOUT, { name: 'index.json', data: JSON.stringify(index) }, ...blobs];
}

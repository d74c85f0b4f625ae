import { afterEach, beforeEach, expect, test } from 'vitest';
import { pullFrom } from '../../../tests/support/fake-pull.ts';
import { startFakeRegistry, type FakeRegistry } from '../../../tests/support/fake-registry.ts';
import { digestOf } from '../base/digest.ts';

let registry: FakeRegistry;
beforeEach(async () => {
  registry = await startFakeRegistry();
});
afterEach(() => registry.close());

interface Document {
  config: { digest: string; size: number };
  layers: { digest: string; size: number; mediaType: string; urls?: string[] }[];
  [key: string]: unknown;
}
const OTHER = `sha256:${'0'.repeat(64)}`;
const index = (manifests: unknown): object => ({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests,
});

const answer = (text: string, mediaType?: string): void =>
  registry.misbehave((request, response) => {
    if (!request.url!.includes('/manifests/')) return false;
    response.writeHead(200, mediaType === undefined ? {} : { 'content-type': mediaType }).end(text);
    return true;
  });

const changes: readonly (readonly [string, (document: Document) => unknown])[] = [
  ['both a manifest and an index', (document) => ({ ...document, manifests: [] })],
  ['of schema 1', () => ({ schemaVersion: 1, fsLayers: [{ blobSum: OTHER }], history: [] })],
  ['without layers', (document) => ({ ...document, layers: undefined })],
  ['with layers that are null', (document) => ({ ...document, layers: null })],
  ['with a layer that is null', (document) => ({ ...document, layers: [null] })],
  [
    'with a layer of -1 bytes',
    ({ layers: [layer], ...rest }) => ({ ...rest, layers: [{ ...layer, size: -1 }] }),
  ],
  [
    'with a layer named by sha512',
    ({ layers: [layer], ...rest }) => ({
      ...rest,
      layers: [{ ...layer, digest: `sha512:${'0'.repeat(128)}` }],
    }),
  ],
  [
    'with a layer named by a path',
    ({ layers: [layer], ...rest }) => ({ ...rest, layers: [{ ...layer, digest: 'sha256:../../x' }] }),
  ],
  [
    'with a config of 5 MiB',
    ({ config, ...rest }) => ({ ...rest, config: { ...config, size: 5 * 1024 * 1024 } }),
  ],
  [
    'with more layers than its config',
    ({ layers, ...rest }) => ({ ...rest, layers: [...layers, ...layers] }),
  ],
  ['null', () => null],
  ['an index without images', () => index([])],
  ['an index whose images are null', () => index(null)],
];
for (const [name, change] of changes) {
  test(`one ${name}`, async () => {
    answer(JSON.stringify(change(JSON.parse(registry.manifest.toString()) as Document)));
    expect((await pullFrom(registry))?.code).toMatch(
      /^(IMAGE_(INVALID|PLATFORM_MISSING)|REGISTRY_CONTENT_WRONG)$/,
    );
  });
}

test('an index that is announced as a manifest, and a key that is there twice', async () => {
  answer(JSON.stringify(index([])), 'application/vnd.oci.image.manifest.v1+json');
  expect((await pullFrom(registry))?.code).toBe('IMAGE_INVALID');
  answer(registry.manifest.toString().replace('{', '{"schemaVersion":2,'));
  expect((await pullFrom(registry))?.code).toBe('IMAGE_INVALID');
});

test('indexes within indexes end', async () => {
  const documents = new Map<string, string>();
  let text = registry.manifest.toString();
  let mediaType = 'application/vnd.oci.image.manifest.v1+json';
  for (let depth = 0; depth < 20; depth++) {
    const digest = digestOf(text);
    documents.set(digest, text);
    text = JSON.stringify(index([{ mediaType, digest, size: Buffer.byteLength(text) }]));
    mediaType = 'application/vnd.oci.image.index.v1+json';
  }
  registry.misbehave((request, response) => {
    if (!request.url!.includes('/manifests/')) return false;
    response.end(documents.get(request.url!.split('/').at(-1)!) ?? text);
    return true;
  });
  expect((await pullFrom(registry))?.code).toBe('IMAGE_INVALID');
  expect(registry.seen.length).toBeLessThan(10);
});

test('where else a layer is said to lie is not looked at', async () => {
  const document = JSON.parse(registry.manifest.toString()) as Document;
  document.layers[0]!.urls = [`http://${registry.host}/elsewhere`];
  answer(JSON.stringify(document));
  expect(await pullFrom(registry, { username: 'me', password: 'hunter2' })).toBeUndefined();
  expect(registry.seen.map(({ path }) => path)).not.toContain('/elsewhere');
});

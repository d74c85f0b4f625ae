import { describe, expect, test } from 'vitest';
import { parseDockerfile } from '../dockerfile/parse.ts';
import type { BuildGraph, ImageRequest } from './build-graph.ts';
import { imageRequestKey } from './build-graph.ts';
import { contextKey, type NamedContext } from './named-context.ts';
import { planGraph } from './plan-graph.ts';

const platform = { os: 'linux', architecture: 'amd64' };

/** Draws the graph; every image asked for is there. */
function draw(
  text: string,
  contexts: Readonly<Record<string, NamedContext>>,
): { readonly graph: BuildGraph; readonly asked: readonly ImageRequest[] } {
  const dockerfile = parseDockerfile(text, 'Dockerfile');
  const images = new Map();
  const asked: ImageRequest[] = [];
  const named = new Map(Object.entries(contexts).map(([name, context]) => [contextKey(name), context]));
  for (;;) {
    const options = { dockerfile, buildArgs: {}, platform, buildPlatform: platform, images, contexts: named };
    const result = planGraph(options);
    if (result.kind === 'graph') return { graph: result.graph, asked };
    for (const request of result.requests) {
      asked.push(request);
      images.set(imageRequestKey(request), {
        reference: request.reference,
        manifest: `sha256:${'0'.repeat(64)}`,
        config: {
          ...platform,
          config: { OnBuild: ['LABEL trigger=1'] },
          rootfs: { type: 'layers', diff_ids: [] },
        },
        layers: [],
      });
    }
  }
}

const folder: NamedContext = { kind: 'directory', path: '/folder' };
const pinned: NamedContext = { kind: 'image', reference: 'docker.io/library/alpine:3.19' };
const layout: NamedContext = { kind: 'layout', path: '/layout', tag: 'v1' };
const references = (requests: readonly ImageRequest[]): readonly string[] =>
  requests.map(({ reference }) => reference);

describe('an image that FROM names', () => {
  test.each(['alpine', 'alpine:latest', 'docker.io/library/alpine'])('named as %s', (name) => {
    const { graph, asked } = draw('FROM alpine AS base\nCOPY a /', { [name]: pinned });
    expect(references(asked)).toEqual(['docker.io/library/alpine:3.19']);
    expect(graph.steps[0]!.name).toBe('FROM alpine AS base # build context alpine');
    expect(graph.target.config.Labels).toEqual({ trigger: '1' });
  });

  test('another tag is another image', () => {
    expect(references(draw('FROM alpine:3.18\n', { alpine: pinned }).asked)).toEqual([
      'docker.io/library/alpine:3.18',
    ]);
  });

  test('a context that names itself, or another one, means the registry’s image', () => {
    const contexts = {
      a: { kind: 'image', reference: 'docker.io/library/b:latest' },
      b: { kind: 'image', reference: 'docker.io/library/a:latest' },
      c: { kind: 'image', reference: 'docker.io/library/c:latest' },
    } as const;
    const { asked } = draw('FROM a\nCOPY --from=b /x /\nCOPY --from=c /x /', contexts);
    expect(references(asked)).toEqual([
      'docker.io/library/b:latest',
      'docker.io/library/a:latest',
      'docker.io/library/c:latest',
    ]);
  });

  test('from a layout, which no registry is asked for', () => {
    const { asked } = draw('FROM base\nCOPY --from=other /x /', {
      base: layout,
      other: { kind: 'image', reference: 'docker.io/library/base:latest' },
    });
    expect(asked.map((request) => request.layout?.path)).toEqual(['/layout', undefined]);
  });

  test('scratch, and a folder: its files are the first layer', () => {
    expect(draw('FROM a\n', { a: { kind: 'image', reference: 'scratch' } }).graph.steps).toEqual([]);
    const { graph } = draw('FROM files AS x\nCOPY a /', { files: folder });
    expect(graph.steps[0]!.definition).toMatchObject({
      op: 'copy',
      from: { kind: 'named', name: 'docker.io/library/files:latest' },
      destination: '/',
    });
    expect(graph.target.history.map(({ kind }) => kind)).toEqual(['step', 'step']);
  });

  test('for one platform alone', () => {
    const text = 'FROM base\nCOPY --from=other /x /\n';
    const arm = 'base::linux/arm64';
    expect(references(draw(text, { [arm]: pinned }).asked)[0]).toBe('docker.io/library/base:latest');
    expect(
      references(draw(`FROM --platform=linux/arm64 base\n`, { [arm]: pinned, base: layout }).asked),
    ).toEqual(['docker.io/library/alpine:3.19']);
  });
});

describe('a stage', () => {
  const text =
    'FROM scratch AS Build\nRUN make\nFROM scratch\nCOPY --from=build /out /\nCOPY --from=0 /out /';

  test('is replaced as a whole', () => {
    const { graph, asked } = draw(text, { build: pinned });
    expect(references(asked)).toEqual(['docker.io/library/alpine:3.19']);
    expect(graph.steps.map(({ instruction }) => instruction)).toEqual(['FROM', 'COPY', 'COPY']);
  });

  test('by a folder, of which COPY --from reads the files themselves', () => {
    const { graph } = draw(text.replace('\nCOPY --from=0 /out /', ''), { build: folder });
    expect(graph.steps.map(({ definition }) => definition)).toMatchObject([
      { from: { kind: 'named' }, sources: ['/out'] },
    ]);
  });

  test('ONBUILD of what replaces it runs in the stages that continue it, not in itself', () => {
    const { graph } = draw('FROM scratch AS build\nLABEL lost=1\nFROM build\nLABEL mine=1', {
      build: pinned,
    });
    expect(graph.target.config.Labels).toEqual({ trigger: '1', mine: '1' });
    expect(draw('FROM scratch AS build\nLABEL lost=1', { build: pinned }).graph.target.config).toMatchObject({
      OnBuild: ['LABEL trigger=1'],
    });
  });
});

test('scratch in the place of a stage can be read, though there is nothing in it; by itself it cannot', () => {
  const contexts = { build: { kind: 'image', reference: 'scratch' } } as const;
  const { graph } = draw('FROM alpine AS build\nFROM scratch\nCOPY --from=build / /x', contexts);
  expect(graph.steps[0]).toMatchObject({ definition: { from: { kind: 'stage', stage: 0 } }, needs: [] });
  expect(() => draw('FROM scratch\nCOPY --from=build / /x', contexts)).toThrow(
    expect.objectContaining({ code: 'CONTEXT_EMPTY' }),
  );
});

test('COPY --from a folder by a name that nothing else has', () => {
  const { graph, asked } = draw('FROM scratch\nCOPY --from=shared /a /b', { shared: folder });
  expect(asked).toEqual([]);
  expect(graph.steps[0]).toMatchObject({ needs: [], definition: { from: { kind: 'named' } } });
});

test.each(['scratch', 'context', 'Context', 'Upper', 'a::nonsense', '', 'a b'])(
  '%j cannot name a context',
  (name) => {
    expect(() => contextKey(name)).toThrow(expect.objectContaining({ code: 'BUILD_CONTEXT_INVALID' }));
  },
);

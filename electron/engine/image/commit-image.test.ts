import { describe, expect, test } from 'vitest';
import { addImage, addLayer, planned, withBench } from '../../../tests/support/image-fixture.ts';
import { digestOf, type Digest } from '../base/digest.ts';
import type { Layer } from '../layer/layer.ts';
import { chainId } from './chain-id.ts';
import { commitImage } from './commit-image.ts';
import { setEnv, setLabels } from './config.ts';
import type { HistoryEntry, ImageConfig } from './oci.ts';
import { readImage } from './read-image.ts';
import { serializeConfig } from './serialize.ts';

const A = '2024-01-01T00:00:01Z';
const B = '2024-01-01T00:00:02Z';
const C = '2024-01-01T00:00:03Z';
const FALLBACK = '2024-01-01T00:00:09Z';

describe('commitImage', () => {
  /** Times of entries as given (`-` none, L a layer) and as committed. */
  test.each([
    { history: [], times: [], created: undefined },
    { history: ['-'], times: [undefined], created: undefined },
    { history: ['-'], fallback: true, times: [FALLBACK], created: FALLBACK },
    { history: [], fallback: true, times: [], created: FALLBACK },
    { history: ['L', '-', 'L'], layers: [A, B], times: [A, B, B], created: B },
    { history: ['-', 'L', '-'], layers: [A], times: [A, A, A], created: A },
    { history: ['L', '-', '-', 'L'], layers: [A, B], times: [A, B, B, B], created: B },
    { history: ['L', '-', 'L', '-', 'L'], layers: [A, B, C], times: [A, B, B, B, C], created: C },
    // A base image with times of its own: metadata after it belong to the first new layer, or to the base's end.
    { history: [A, '-', 'L', '-'], layers: [C], times: [A, C, C, C], created: C },
    { history: [A, '-', '-'], times: [A, A, A], created: A },
    { history: [A, B, 'L'], layers: [C], times: [A, B, C], created: C },
  ])('times of $history are $times', ({ history, layers = [], fallback, times, created }) =>
    withBench(async (bench) => {
      const made: Layer[] = [];
      for (const [index, at] of layers.entries())
        made.push(await addLayer(bench, [planned(`f${index}`)], at));
      const entries = history.map((entry): HistoryEntry => {
        if (entry === 'L') return { created_by: 'layer' };
        return { created_by: 'metadata', empty_layer: true, ...(entry === '-' ? {} : { created: entry }) };
      });
      const plan = { config: { os: 'linux', architecture: 'amd64' }, layers: made, history: entries };
      const options = fallback ? { createdAt: FALLBACK } : {};
      const committed = await commitImage(bench.store, { ...plan, ...options });
      const { config } = await readImage(bench.store, committed.descriptor.digest);
      expect((config.history ?? []).map((entry) => entry.created)).toEqual(times);
      expect(config.created).toBe(created);
      expect(committed.createdAt).toBe(created);
      expect((await commitImage(bench.store, { ...plan, ...options })).descriptor).toEqual(
        committed.descriptor,
      );
    }),
  );

  test('a history that does not name every layer is a defect', () =>
    withBench(async (bench) => {
      const layer = await addLayer(bench, [planned('a')]);
      const config = { os: 'linux', architecture: 'amd64' };
      await expect(commitImage(bench.store, { config, layers: [layer], history: [] })).rejects.toThrow(
        '0 layers',
      );
    }));

  test('what is committed reads back', () =>
    withBench(async (bench) => {
      const layers = [await addLayer(bench, [planned('a')]), await addLayer(bench, [planned('b')])];
      const { digest } = await addImage(bench.store, layers, [], { User: 'me', Entrypoint: [] });
      const image = await readImage(bench.store, digest);
      expect(image.layers).toEqual(layers);
      expect(image.config.config).toMatchObject({ User: 'me', WorkingDir: '/' });
      expect(image.config.config).not.toHaveProperty('Entrypoint');
      expect(image.manifest.layers.map((layer) => layer.digest)).toEqual(layers.map((layer) => layer.diffId));
    }));
});

test('a config has one text', () => {
  const image: ImageConfig = {
    variant: 'v7',
    os: 'linux',
    architecture: 'arm',
    rootfs: { type: 'layers', diff_ids: [] },
    created: A,
    author: 'me',
    history: [{ empty_layer: true, created_by: 'ENV a=b', created: A, comment: 'c' }, { created_by: 'COPY' }],
    config: {
      ...setEnv(
        setLabels({ Labels: { b: '2', '10': 'x', '9': 'y', ａ: 'wide', '\u{10000}': 'astral' } }, [
          { key: 'a', value: '<&>' },
        ]),
        [{ key: 'A', value: 'é' }],
      ),
      Volumes: { '/v': {} },
      ExposedPorts: { '80/tcp': {} },
      Cmd: [],
      Entrypoint: null,
      User: '',
      ArgsEscaped: true,
      OnBuild: null,
      Healthcheck: { Test: ['NONE'], Interval: 0, Retries: 3 },
      Shell: ['/bin/sh'],
    },
  };
  expect(serializeConfig(image)).toBe(
    '{"architecture":"arm","author":"me","config":{"ExposedPorts":{"80/tcp":{}},"Env":["A=é"],"Volumes":{"/v":{}},' +
      '"Labels":{"10":"x","9":"y","a":"<&>","b":"2","ａ":"wide","\u{10000}":"astral"},"ArgsEscaped":true,' +
      '"Healthcheck":{"Test":["NONE"],"Retries":3},"Shell":["/bin/sh"]},"created":"2024-01-01T00:00:01Z",' +
      '"history":[{"created":"2024-01-01T00:00:01Z","created_by":"ENV a=b","comment":"c","empty_layer":true},' +
      '{"created_by":"COPY"}],"os":"linux","rootfs":{"type":"layers","diff_ids":[]},"variant":"v7"}',
  );
});

test('chain IDs', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((text) => digestOf(text)) as [Digest, Digest, Digest];
  expect(chainId([])).toBeUndefined();
  expect(chainId([a])).toBe(a);
  expect(chainId([a, b, c])).toBe(digestOf(`${digestOf(`${a} ${b}`)} ${c}`));
});

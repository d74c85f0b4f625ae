import { expect, test } from 'vitest';
import type { ImageSummary } from '../../shared/contract.ts';
import { filterImages, imageName, type ImageKind } from './image-filter.ts';

function image(id: string, references: readonly string[], createdAt: string, origin: ImageSummary['origin']) {
  return {
    id: `sha256:${id}`,
    config: `sha256:c${id}`,
    references,
    createdAt,
    platform: 'linux/amd64',
    size: 1,
    uniqueSize: 1,
    layers: 1,
    origin,
  } satisfies ImageSummary;
}

const images = [
  image('1', ['docker.io/library/app:latest'], '2026-01-01', 'built'),
  image('2', [], '2026-03-01', 'built'),
  image('3', ['ghcr.io/me/App-tools:1'], '2026-02-01', 'loaded'),
];

test.each<[ImageKind, string, string[]]>([
  ['all', '', ['2', '3', '1']],
  ['tagged', '', ['3', '1']],
  ['untagged', '', ['2']],
  ['built', '', ['2', '1']],
  ['loaded', '', ['3']],
  ['all', 'app', ['3', '1']],
  ['all', 'app ghcr', ['3']],
  ['all', 'c2', ['2']],
  ['built', 'tools', []],
])('%s %j', (kind, search, expected) => {
  expect(filterImages(images, kind, search).map((each) => each.id.slice(7))).toEqual(expected);
});

test('imageName', () => {
  expect(images.map(imageName)).toEqual(['app:latest', '2', 'ghcr.io/me/App-tools:1']);
});

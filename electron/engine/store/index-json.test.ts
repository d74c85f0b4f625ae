import { describe, expect, test } from 'vitest';
import { digestOf } from '../base/digest.ts';
import { MEDIA_TYPE } from '../image/oci.ts';
import { formatIndex, parseIndex } from './index-json.ts';

const descriptor = { mediaType: MEDIA_TYPE.manifest, digest: digestOf('m'), size: 7 };

test('what is written is read back, with other annotations kept', () => {
  const index = {
    revision: 3,
    entries: [
      { descriptor: { ...descriptor, annotations: { mine: 'yes' } }, reference: 'docker.io/library/app:1' },
      { descriptor: { ...descriptor, platform: { os: 'linux', architecture: 'arm64' } } },
    ],
  };
  expect(parseIndex(formatIndex(index))).toEqual(index);
});

describe('an index of another tool', () => {
  const read = (annotations: unknown) =>
    parseIndex(JSON.stringify({ schemaVersion: 2, manifests: [{ ...descriptor, annotations }] }))?.entries[0]
      ?.reference;

  test.each([
    ['app', 'docker.io/library/app:latest'],
    ['app:1', 'docker.io/library/app:1'],
    ['quay.io/x/y:2', 'quay.io/x/y:2'],
    ['Not A Name', undefined],
  ])('the name %j', (name, reference) => {
    expect(read({ 'org.opencontainers.image.ref.name': name })).toBe(reference);
  });

  test('no name at all', () => {
    expect(read(undefined)).toBeUndefined();
    expect(read({ 'org.opencontainers.image.ref.name': 5 })).toBeUndefined();
  });

  test.each(['', '{', 'null', '[]', '{}', '{"manifests":{}}'])('%j is none', (text) => {
    expect(parseIndex(text)).toBeUndefined();
  });

  test.each([[null], [{}], [{ ...descriptor, digest: 'sha256:../../x' }], [{ ...descriptor, size: '7' }]])(
    'the entry %j is left out',
    (entry) => {
      expect(parseIndex(JSON.stringify({ manifests: [entry, descriptor] }))?.entries).toEqual([
        { descriptor },
      ]);
    },
  );

  test.each([-1, 0.5, 'x', null])('the revision %j counts as 0', (revision) => {
    const text = JSON.stringify({ manifests: [], annotations: { 'dev.slipway.revision': revision } });
    expect(parseIndex(text)?.revision).toBe(0);
  });
});

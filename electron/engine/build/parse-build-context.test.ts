import { expect, test } from 'vitest';
import { parseBuildContext } from './parse-build-context.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each([
  ['a=docker-image://alpine', { kind: 'image', reference: 'docker.io/library/alpine:latest' }],
  ['a=docker-image://scratch', { kind: 'image', reference: 'scratch' }],
  ['a=docker-image://host:5000/x@' + DIGEST, { kind: 'image', reference: `host:5000/x@${DIGEST}` }],
  ['a=oci-layout://dir', { kind: 'layout', path: '/cwd/dir' }],
  ['a=oci-layout:///abs/dir:v1.2', { kind: 'layout', path: '/abs/dir', tag: 'v1.2' }],
  [`a=oci-layout://../dir@${DIGEST}`, { kind: 'layout', path: '/dir', digest: DIGEST }],
  ['a=../shared', { kind: 'directory', path: '/shared' }],
  ['a=x=y', { kind: 'directory', path: '/cwd/x=y' }],
  ['a=/', { kind: 'directory', path: '/' }],
])('%s', (text, context) => expect(parseBuildContext(text, '/cwd')).toEqual(['a', context]));

test.each([
  ['a', 'BUILD_CONTEXT_INVALID'],
  ['=x', 'BUILD_CONTEXT_INVALID'],
  ['a=', 'BUILD_CONTEXT_INVALID'],
  ['scratch=x', 'BUILD_CONTEXT_INVALID'],
  ['a=docker-image://', 'REFERENCE_INVALID'],
  ['a=docker-image://UPPER', 'REFERENCE_INVALID'],
  ['a=oci-layout://', 'BUILD_CONTEXT_INVALID'],
  ['a=oci-layout://dir@sha256:12', 'BUILD_CONTEXT_INVALID'],
  ['a=https://example.com/x.tar', 'CONTEXT_UNSUPPORTED'],
  ['a=git@github.com:x/y.git', 'CONTEXT_UNSUPPORTED'],
  ['a=github.com/x/y', 'CONTEXT_UNSUPPORTED'],
  ['a=target:base', 'CONTEXT_UNSUPPORTED'],
])('%s is refused', (text, code) =>
  expect(() => parseBuildContext(text, '/cwd')).toThrow(expect.objectContaining({ code })),
);

test('a password in an address is not shown', () => {
  expect(() => parseBuildContext('a=https://me:secret@host/x', '/')).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('secret') as string }),
  );
});

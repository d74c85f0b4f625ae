import { expect, test } from 'vitest';
import { mayOpenExternally } from './external-links.ts';

test.each([
  ['https://docs.docker.com/reference/dockerfile/', true],
  ['https://github.com/opencontainers/image-spec', true],
  ['http://docs.docker.com/', false],
  ['https://docs.docker.com:8443/', false],
  ['https://user:word@docs.docker.com/', false],
  ['https://docs.docker.com.evil.example/', false],
  ['https://evil.example/?docs.docker.com', false],
  ['smb://docs.docker.com/share', false],
  ['file:///etc/passwd', false],
  ['javascript:alert(1)', false],
  ['data:text/html,x', false],
  ['slipway', false],
  ['', false],
])('%s: %s', (link, allowed) => {
  expect(mayOpenExternally(link)).toBe(allowed);
});

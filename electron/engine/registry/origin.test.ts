import { expect, test } from 'vitest';
import { isSameSite, registryOrigin } from './origin.ts';

test.each([
  ['docker.io', 'https://registry-1.docker.io'],
  ['ghcr.io', 'https://ghcr.io'],
  ['registry.example:5000', 'https://registry.example:5000'],
  ['localhost:5000', 'http://localhost:5000'],
  ['127.0.0.1:5000', 'http://127.0.0.1:5000'],
  ['[::1]:5000', 'http://[::1]:5000'],
  ['127.0.0.1.evil.example', 'https://127.0.0.1.evil.example'],
])('%s is served at %s', (domain, origin) => expect(registryOrigin(domain)).toBe(origin));

test.each([
  ['auth.docker.io', 'registry-1.docker.io', true],
  ['gitlab.com', 'registry.gitlab.com', true],
  ['ghcr.io', 'ghcr.io', true],
  ['evil.example', 'registry.other.example', false],
  ['a.com', 'b.com', false],
  ['127.0.0.1', '127.0.0.2', false],
  ['10.1.2.3', '9.1.2.3', false],
  ['localhost', '127.0.0.1', false],
  ['docker.io.evil.example', 'docker.io', false],
])('a token service at %s and a registry at %s are one site: %s', (a, b, same) =>
  expect(isSameSite(a, b)).toBe(same),
);

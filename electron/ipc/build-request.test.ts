import { expect, test } from 'vitest';
import { buildRequest } from './build-request.ts';

const PLAIN = {
  folder: '/p',
  tags: [],
  buildArgs: {},
  labels: {},
  noCache: false,
  trigger: { kind: 'manual' },
};

test('what no option says stays the engine’s', () => {
  expect(buildRequest('/p', {}, {})).toEqual(PLAIN);
  expect(buildRequest('/p', { ssh: false }, {})).toEqual(PLAIN);
});

test('secrets go on as paths, the agent as its socket, contexts relative to the project', () => {
  const options = {
    secrets: [{ id: 'npm', file: '/home/me/.npmrc' }],
    ssh: true,
    network: 'none' as const,
    contexts: { shared: '../shared', base: 'docker-image://debian:13' },
  };
  expect(buildRequest('/code/p', options, { SSH_AUTH_SOCK: '/run/agent' })).toEqual({
    ...PLAIN,
    folder: '/code/p',
    secrets: [{ id: 'npm', path: '/home/me/.npmrc' }],
    ssh: [{ id: 'default', paths: ['/run/agent'] }],
    network: 'none',
    contexts: {
      shared: { kind: 'directory', path: '/code/shared' },
      base: { kind: 'image', reference: 'docker.io/library/debian:13' },
    },
  });
});

test('an agent that cannot be found is an error, not a build without one', () => {
  expect(() => buildRequest('/p', { ssh: true }, { SSH_AUTH_SOCK: '' })).toThrow(
    expect.objectContaining({ code: 'SSH_AGENT_UNKNOWN' }),
  );
});

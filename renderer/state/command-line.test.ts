import { expect, test } from 'vitest';
import { commandLine } from './command-line.ts';

test.each([
  ['/p/app', {}, 'slipway build /p/app'],
  [
    '/p/app',
    { dockerfile: 'Dockerfile', tags: ['docker.io/library/app:latest'] },
    'slipway build -t app:latest /p/app',
  ],
  [
    '/p/app/',
    { dockerfile: 'docker/api.Dockerfile' },
    'slipway build -f /p/app/docker/api.Dockerfile /p/app/',
  ],
  ['/p', { dockerfile: '/elsewhere/Dockerfile' }, 'slipway build -f /elsewhere/Dockerfile /p'],
  [
    '/p',
    {
      target: 'test',
      buildArgs: { A: '1', B: 'two words' },
      labels: { l: "it's" },
      platform: 'linux/arm64',
      noCache: true,
    },
    "slipway build --target test --build-arg A=1 --build-arg 'B=two words' --label 'l=it'\\''s' --platform linux/arm64 --no-cache /p",
  ],
  [
    '/p',
    {
      secrets: [
        { id: 'npm', file: '/home/me/.npmrc' },
        { id: 'odd', file: '/a,b' },
      ],
      ssh: true,
      network: 'none' as const,
      contexts: { shared: '../shared', base: 'docker-image://debian:13', other: '/o' },
    },
    'slipway build --secret id=npm,src=/home/me/.npmrc --secret \'id=odd,"src=/a,b"\' --ssh default --network none --build-context shared=/p/../shared --build-context base=docker-image://debian:13 --build-context other=/o /p',
  ],
  [
    '/my folder',
    { buildArgs: { X: '$(rm -rf ~)`' } },
    "slipway build --build-arg 'X=$(rm -rf ~)`' '/my folder'",
  ],
])('%s %j', (folder, options, expected) => expect(commandLine(folder, options)).toBe(expected));

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
    '/my folder',
    { buildArgs: { X: '$(rm -rf ~)`' } },
    "slipway build --build-arg 'X=$(rm -rf ~)`' '/my folder'",
  ],
])('%s %j', (folder, options, expected) => expect(commandLine(folder, options)).toBe(expected));

import { expect, test } from 'vitest';
import { splitPattern } from '../engine/base/patterns.ts';
import { watchPlan } from './watch-plan.ts';

const plan = watchPlan({
  root: '/p',
  patterns: ['node_modules', 'docs', '!docs/keep', 'Dockerfile', 'docker', '**/*.log'].map(splitPattern),
  control: ['/p/Dockerfile', '/p/.dockerignore', '/p/docker/x.Dockerfile', '/other/Dockerfile'],
  controlDigest: '',
});

test('ignored folders are not subscribed to, unless something in them is wanted', () => {
  expect(plan.folders).toEqual(['/p', '/other']);
  expect(plan.ignores('/p/src/app.ts')).toBe(false);
  expect(plan.ignores('/p/node_modules')).toBe(true);
  expect(plan.ignores('/p/node_modules/left/pad.js')).toBe(true);
  expect(plan.ignores('/p/src/a.log')).toBe(true);
  expect(plan.ignores('/p/docs')).toBe(false);
  expect(plan.ignores('/p/docs', true)).toBe(true);
  expect(plan.ignores('/p/docs/keep')).toBe(false);
});

test('what steers the build is always heard of, and nothing beside it', () => {
  for (const path of [
    '/p/Dockerfile',
    '/p/docker',
    '/p/docker/x.Dockerfile',
    '/other',
    '/other/Dockerfile',
  ]) {
    expect(plan.ignores(path), path).toBe(false);
  }
  expect(plan.ignores('/p/docker/y.Dockerfile')).toBe(true);
  expect(plan.ignores('/other/file')).toBe(true);
  expect(plan.ignores('/unrelated')).toBe(true);
  expect(plan.isControl('/p/.dockerignore')).toBe(true);
  expect(plan.isControl('/p/src/.dockerignore')).toBe(false);
});

test('paths are relative to the context’s folder', () => {
  expect(['/p', '/p/a/b', '/pp', '/other/Dockerfile'].map(plan.relative)).toEqual([
    '',
    'a/b',
    undefined,
    undefined,
  ]);
});

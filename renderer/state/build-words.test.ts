import { describe, expect, test } from 'vitest';
import type { BuildEvent } from '../../shared/build-events.ts';
import { foldBuild } from '../../shared/build-state.ts';
import { fakeBuild } from '../../tests/e2e/support/fake-builds.ts';
import { announcement, folderName, phaseWords, triggerWords } from './build-words.ts';
import { failureReport } from './failure-report.ts';

test.each([
  ['/home/me/app', 'app'],
  ['/home/me/app/', 'app'],
  ['C:\\code\\app', 'app'],
  ['/', '/'],
])('folderName(%s) → %s', (folder, expected) => expect(folderName(folder)).toBe(expected));

test('triggerWords', () => {
  expect(triggerWords({ kind: 'manual' })).toBe('You');
  expect(triggerWords({ kind: 'watch', files: ['a.ts'] })).toBe('a.ts');
  expect(triggerWords({ kind: 'watch', files: ['a.ts', 'b.ts', 'c.ts'] })).toBe('a.ts and 2 more');
  expect(triggerWords({ kind: 'watch', files: [] })).toBe('A change');
});

describe('what is said about a build', () => {
  const upTo = (events: readonly BuildEvent[], type: BuildEvent['type']) =>
    foldBuild(events.slice(0, events.findIndex((event) => event.type === type) + 1));

  test('while it runs', () => {
    const { events } = fakeBuild('b', '/p', 'running', 0);
    expect(phaseWords(foldBuild([]))).toBe('Starting');
    expect(phaseWords(upTo(events, 'task.started'))).toBe('Read the Dockerfile');
    expect(phaseWords(foldBuild(events))).toBe('Step 8 of 13');
    expect(announcement(upTo(events, 'build.planned'))).toBe('');
    expect(announcement(foldBuild(events))).toBe('7 of 13 steps done');
  });

  test('when it has ended', () => {
    const ended = (outcome: 'succeeded' | 'failed') => foldBuild(fakeBuild('b', '/p', outcome, 0).events);
    expect(announcement(ended('succeeded'))).toBe('The build succeeded: 5 steps built, 8 from the cache.');
    expect(announcement(ended('failed'))).toMatch(/^The build failed: .*does not exist/);
  });

  test('where one asks for help', () => {
    const report = failureReport(foldBuild(fakeBuild('b', '/p', 'failed', 0).events));
    expect(report).toContain('[COPY_SOURCE_MISSING]');
    expect(report).toContain('Step 6/6: COPY --chown=node:node');
    expect(report).toContain('> 24 | COPY --chown=node:node docker/entrypoint.sh /usr/local/bin/');
  });
});

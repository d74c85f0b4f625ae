import { expect, test } from 'vitest';
import type { MissCause } from './miss-reason.ts';
import { causeDetails, causeWords, moreFiles } from './miss-words.ts';

const place = (step: string): string => `step ${step}`;
const NONE = { changes: [], more: 0, added: 0, removed: 0 };
const A = { reference: 'docker.io/library/base:1', digest: `sha256:${'a'.repeat(64)}` };
const B = { ...A, digest: `sha256:${'b'.repeat(64)}` };
const changed = { path: 'src/app.ts', what: ['content'] } as const;
const mode = { path: 'run.sh', what: ['mode'], before: '0644', after: '0755' } as const;

test.each<[string, MissCause]>([
  ['it was not built before', { kind: 'new' }],
  ['clean-up removed its result on 2026-01-02 03:04', { kind: 'removed', at: Date.UTC(2026, 0, 2, 3, 4) }],
  ['the base image base:1 moved, aaaaaaaaaaaa → bbbbbbbbbbbb', { kind: 'base', before: A, after: B }],
  ['the base image is base:1, it was scratch', { kind: 'base', after: A }],
  ['src/app.ts changed', { ...NONE, kind: 'files', from: 'the build context', changes: [changed] }],
  [
    'src/app.ts changed, with 12 other files',
    { ...NONE, kind: 'files', from: '', changes: [changed, mode], more: 11 },
  ],
  ['run.sh changed its mode 0644 → 0755', { ...NONE, kind: 'files', from: '', changes: [mode] }],
  [
    '.dockerignore changed: 2 files came, 1 file went',
    { ...NONE, kind: 'ignore-file', file: '.dockerignore', more: 3, added: 2, removed: 1 },
  ],
  [
    'ARG V changed, 1 → 2',
    {
      kind: 'variables',
      more: 0,
      changes: [{ word: 'ARG', name: 'V', change: 'changed', before: '1', after: '2' }],
    },
  ],
  [
    'ENV KEY changed',
    { kind: 'variables', more: 0, changes: [{ word: 'ENV', name: 'KEY', change: 'changed', secret: true }] },
  ],
  [
    'user changed, root → (empty)',
    { kind: 'settings', changes: [{ name: 'user', before: 'root', after: '' }] },
  ],
  ['step b/2 was rebuilt', { kind: 'earlier-step', step: 'b/2', how: 'rebuilt' }],
  [
    'step b/2 made something else: src/app.ts changed',
    { ...NONE, kind: 'stage', stage: 'b', step: 'b/2', changes: [changed] },
  ],
  ['something that it depends on changed', { kind: 'of a newer version' } as unknown as MissCause],
  ['an instruction above is gone: RUN a\\u{202e}b', { kind: 'removed-step', text: 'RUN a\u202eb\nmore' }],
])('%s', (words, cause) => {
  expect(causeWords(cause, place)).toBe(words);
});

test('details have marks that need no colour, and hostile names are made safe', () => {
  const changes = [
    changed,
    { path: 'new\u001b[31m', what: ['added'] },
    { path: 'old', what: ['removed'] },
    mode,
  ] as const;
  const cause: MissCause = { ...NONE, kind: 'files', from: '', changes, more: 3 };
  expect(causeDetails(cause).map(({ mark, text }) => `${mark} ${text}`)).toEqual([
    '~ src/app.ts',
    '+ new\\u{1b}[31m',
    '- old',
    '~ run.sh (mode 0644 → 0755)',
  ]);
  expect(moreFiles(cause)).toBe(3);
  expect(moreFiles({ kind: 'new' })).toBe(0);
});

test('an instruction is shown then and now, line by line', () => {
  expect(
    causeDetails({ kind: 'instruction', before: 'RUN a', after: 'RUN <<E\nb\nE' }).map(({ mark }) => mark),
  ).toEqual(['-', '+', '+', '+']);
});

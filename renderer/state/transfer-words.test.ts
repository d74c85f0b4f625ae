import { expect, test } from 'vitest';
import {
  likelyTarget,
  loginCommand,
  originWords,
  pushTargets,
  referenceParts,
  transferName,
  transferProgress,
} from './transfer-words.ts';
import type { TransferView } from './transfers.svelte.ts';

const transfer: TransferView = { id: 1, kind: 'pull', reference: 'app', state: 'running', attended: false };
const denied = { code: 'REGISTRY_DENIED', message: 'No.' };

test.each([
  ['app', { registry: 'docker.io', name: 'library/app', tag: 'latest' }],
  [' me/app:1 ', { registry: 'docker.io', name: 'me/app', tag: '1' }],
  ['localhost:5000/app', { registry: 'localhost:5000', name: 'app', tag: 'latest' }],
  ['r.example/a/b:1@sha256:ab', { registry: 'r.example', name: 'a/b', tag: '1', digest: 'sha256:ab' }],
  ['r.example/a@sha256:ab', { registry: 'r.example', name: 'a', digest: 'sha256:ab' }],
])('%s is taken apart', (text, parts) => {
  expect(referenceParts(text)).toEqual(parts);
});

test('where it leads is said in words, and text that would reorder them is written out', () => {
  expect(originWords('app')).toBe('From docker.io: library/app, tagged latest.');
  expect(originWords('r.example/a@sha256:ab')).toBe('From r.example: a, with this digest.');
  expect(originWords('r.example/\u202egpj')).toContain('\\u{202e}gpj');
  expect(transferName({ ...transfer, reference: 'evil\u001b]52;c;x\u0007' })).toBe(
    'evil\\u{1b}]52;c;x\\u{7}',
  );
});

test('progress says who is asked, then bytes, then what is left to do', () => {
  expect(transferProgress(transfer)).toBe('Asking docker.io …');
  expect(transferProgress({ ...transfer, progress: { current: 1_500_000, total: 3e6 } })).toBe(
    '1.50 MB of 3.00 MB',
  );
  const all = { current: 3e6, total: 3e6 };
  expect(transferProgress({ ...transfer, progress: all })).toBe('Storing the image …');
  expect(transferProgress({ ...transfer, kind: 'push', progress: all })).toBe('Writing its name …');
});

test('a registry that denies has a command that logs in; a host that is none has not', () => {
  expect(loginCommand(transfer)).toBeUndefined();
  expect(loginCommand({ ...transfer, error: { code: 'REGISTRY_BUSY', message: '' } })).toBeUndefined();
  expect(loginCommand({ ...transfer, reference: '[::1]:5000/app', error: denied })).toBe(
    'slipway login [::1]:5000',
  );
  expect(loginCommand({ ...transfer, reference: 'a.b;rm -rf ~/app', error: denied })).toBeUndefined();
});

test('an image is pushed by a tag, most likely by one outside of docker.io/library', () => {
  const references = ['docker.io/library/app:latest', 'r.example/app:1', 'r.example/app@sha256:ab'];
  expect(pushTargets(references)).toEqual(references.slice(0, 2));
  expect(likelyTarget(references)).toBe('r.example/app:1');
  expect(likelyTarget(references.slice(0, 1))).toBeUndefined();
});

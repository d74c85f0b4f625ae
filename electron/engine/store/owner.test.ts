import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isAlive, newOwner, ownerText, parseOwner } from './owner.ts';

test('this process lives, and its identity survives being a file name', () => {
  const owner = newOwner();
  expect(parseOwner(ownerText(owner))).toEqual(owner);
  expect(ownerText(owner)).not.toMatch(/[./]/);
  expect(isAlive(owner)).toBe(true);
});

test.runIf(process.platform === 'linux')(
  'a pid that was given to another process, or another boot, is dead',
  () => {
    const owner = newOwner();
    expect(isAlive({ ...owner, start: String(Number(owner.start) - 1) })).toBe(false);
    expect(isAlive({ ...owner, boot: 'abc' })).toBe(false);
  },
);

test('what cannot be asked counts as alive', () => {
  expect(isAlive({ ...newOwner(), namespace: '1', pid: 999_999_999 })).toBe(true);
});

test('a process that ended is dead', async () => {
  const child = spawn('sleep', ['60']);
  const owner = { ...newOwner(), pid: child.pid! };
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(owner)).toBe(false);
});

test.each(['', 'p1', 'x.tar', 'p1_2_3_4', '../p1_2_3_4_5', 'p1_2_3_4_5/'])('%j is no owner', (text) => {
  expect(parseOwner(text)).toBeUndefined();
});

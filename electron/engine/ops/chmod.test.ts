import { describe, expect, test } from 'vitest';
import { parseChmod } from './chmod.ts';

const FILE = false;
const DIRECTORY = true;

describe('octal', () => {
  test.each([
    ['755', 0o755],
    ['0644', 0o644],
    ['0', 0],
    ['7777', 0o7777],
    ['4755', 0o4755],
    ['000755', 0o755],
  ])('%s replaces everything', (text, mode) => {
    const change = parseChmod(text);
    expect(change.octal).toBe(mode);
    expect(change.apply(0o6123, FILE)).toBe(mode);
    expect(change.apply(0o1777, DIRECTORY)).toBe(mode);
  });
});

describe('symbolic', () => {
  test.each<[string, number, boolean, number]>([
    ['+x', 0o644, FILE, 0o755],
    ['a+x', 0o644, FILE, 0o755],
    ['u+x', 0o644, FILE, 0o744],
    ['go-r', 0o644, FILE, 0o600],
    ['ug+w', 0o444, FILE, 0o664],
    ['=r', 0o755, FILE, 0o444],
    ['u=rw', 0o755, FILE, 0o655],
    ['u=rwx,go=rx', 0o600, FILE, 0o755],
    ['go=', 0o755, FILE, 0o700],
    ['=', 0o6755, FILE, 0],
    ['+', 0o644, FILE, 0o644],
    // X: only where something may be executed already, or in directories.
    ['+X', 0o644, FILE, 0o644],
    ['+X', 0o744, FILE, 0o755],
    ['+X', 0o600, DIRECTORY, 0o711],
    ['u=rwX,go=rX', 0o600, FILE, 0o644],
    ['u=rwX,go=rX', 0o700, FILE, 0o755],
    ['u=rwX,go=rX', 0o700, DIRECTORY, 0o755],
    ['a-x,a+X', 0o755, FILE, 0o755],
    ['a-x,a+X', 0o644, FILE, 0o644],
    // Copies of another class.
    ['g=u', 0o640, FILE, 0o660],
    ['go=u-w', 0o755, FILE, 0o755],
    ['go=u-w', 0o600, FILE, 0o644],
    ['o+g', 0o650, FILE, 0o655],
    ['u-g', 0o770, FILE, 0o070],
    ['u=go', 0o042, FILE, 0o642],
    ['a=u', 0o700, FILE, 0o777],
    // Set-id and sticky bits.
    ['u+s', 0o755, FILE, 0o4755],
    ['g+s', 0o755, DIRECTORY, 0o2755],
    ['+s', 0o755, FILE, 0o6755],
    ['o+s', 0o755, FILE, 0o755],
    ['u-s', 0o6755, FILE, 0o2755],
    ['u=rwx', 0o6755, FILE, 0o2755],
    ['g=rx', 0o6755, FILE, 0o4755],
    ['+t', 0o777, DIRECTORY, 0o1777],
    ['a+t', 0o777, DIRECTORY, 0o1777],
    ['o+t', 0o777, DIRECTORY, 0o777],
    ['-t', 0o1777, DIRECTORY, 0o777],
    ['=rwx', 0o1755, DIRECTORY, 0o1777],
    // Several operators in one clause, clauses in order.
    ['u+x-w', 0o644, FILE, 0o544],
    ['a-w+r', 0o600, FILE, 0o444],
    ['u-r,u+r', 0o000, FILE, 0o400],
    ['uo=r', 0o777, FILE, 0o474],
  ])('%s on %o (directory: %s)', (text, before, isDirectory, after) => {
    expect(parseChmod(text).apply(before, isDirectory).toString(8)).toBe(after.toString(8));
    expect(parseChmod(text).octal).toBeUndefined();
  });
});

test.each([
  '64a',
  '888',
  '10000',
  '77777',
  '',
  'x',
  'u',
  'u+q',
  'z+r',
  'u+r,',
  ',u+r',
  'u r',
  '-1',
  '0x1ff',
  '7 5',
  '+644',
])('refuses "%s"', (text) => {
  expect(() => parseChmod(text)).toThrow(
    expect.objectContaining({ code: 'COPY_BAD_CHMOD', message: expect.stringContaining(`"${text}"`) }),
  );
});

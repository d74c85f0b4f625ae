import { describe, expect, test } from 'vitest';
import { isNumericOwner, resolveOwner } from './owner.ts';

const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': [
    '# comment',
    'root:x:0:0:root:/root:/bin/sh',
    'broken:x:abc:1:::',
    'short',
    '',
    'app:x:1000:2000:App:/home/app:/bin/sh',
    'app:x:7:7:second:/:/bin/sh',
    'admin:x:0:5:::',
    '1234:x:50:51:a name of digits:/:/bin/sh',
    'huge:x:99999999999:1:::',
    'windows:x:30:31:::\r',
  ].join('\n'),
  'etc/group': ['root:x:0:', 'staff:x:50:app', 'wheel:x:10:root,app', 'bad:x::'].join('\n'),
};

const fromFiles = async (path: string): Promise<string | undefined> => FILES[path];
const fromNothing = async (): Promise<undefined> => undefined;

describe('resolveOwner', () => {
  test.each<[string, number, number]>([
    ['0', 0, 0],
    ['root', 0, 0],
    ['1000', 1000, 1000],
    ['1000:', 1000, 1000],
    ['1000:50', 1000, 50],
    ['1234', 1234, 1234],
    ['4294967294', 4294967294, 4294967294],
    ['app', 1000, 2000],
    ['app:', 1000, 2000],
    ['app:staff', 1000, 50],
    ['app:0', 1000, 0],
    ['app:root', 1000, 0],
    ['5:wheel', 5, 10],
    ['admin', 0, 5],
    ['root:staff', 0, 50],
    [':staff', 0, 50],
    ['windows', 30, 31],
  ])('%s is %i:%i', async (text, uid, gid) => {
    expect(await resolveOwner(text, fromFiles)).toEqual({ uid, gid });
  });

  test.each<[string, string, string]>([
    ['nobody', 'COPY_UNKNOWN_USER', '"nobody" in /etc/passwd'],
    ['App', 'COPY_UNKNOWN_USER', '"App"'],
    ['broken', 'COPY_UNKNOWN_USER', '"broken"'],
    ['huge', 'COPY_UNKNOWN_USER', '"huge"'],
    ['-1', 'COPY_UNKNOWN_USER', '"-1"'],
    ['app:nogroup', 'COPY_UNKNOWN_GROUP', '"nogroup" in /etc/group'],
    ['app:bad', 'COPY_UNKNOWN_GROUP', '"bad"'],
    ['app:staff:x', 'COPY_UNKNOWN_GROUP', '"staff:x"'],
    ['4294967295', 'COPY_BAD_CHOWN', '4294967295'],
    ['1:99999999999999999999', 'COPY_BAD_CHOWN', '99999999999999999999'],
  ])('%s fails with %s', async (text, code, message) => {
    await expect(resolveOwner(text, fromFiles)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  test('numbers need no files, names do', async () => {
    expect(await resolveOwner('12:root', fromNothing)).toEqual({ uid: 12, gid: 0 });
    await expect(resolveOwner('app', fromNothing)).rejects.toMatchObject({ code: 'COPY_UNKNOWN_USER' });
    await expect(resolveOwner('1:staff', fromNothing)).rejects.toMatchObject({ code: 'COPY_UNKNOWN_GROUP' });
  });
});

test.each<[string, boolean]>([
  ['1', true],
  ['1:2', true],
  ['root', true],
  ['root:root', true],
  [':5', true],
  ['app', false],
  ['1:app', false],
  ['rooted', false],
  ['1:2:3', false],
])('isNumericOwner(%s) is %s', (text, numeric) => {
  expect(isNumericOwner(text)).toBe(numeric);
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSecrets, parseSsh } from './secret-flags.ts';

const environment = { TOKEN: 'value', SSH_AUTH_SOCK: '/agent' };
let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'slipway-flags-'));
  await writeFile(join(cwd, 'npmrc'), '');
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

test('secrets from files and variables, said or found', () => {
  const parse = (...values: readonly string[]): unknown => parseSecrets(values, environment, cwd);
  expect(parse('id=a,src=x', 'id=b,source=/x,type=file')).toEqual([
    { id: 'a', path: join(cwd, 'x') },
    { id: 'b', path: '/x' },
  ]);
  expect(parse('id=a,env=TOKEN', 'id=b,type=env,src=TOKEN', 'env=TOKEN')).toEqual([
    { id: 'a', value: 'value' },
    { id: 'b', value: 'value' },
    { id: 'TOKEN', value: 'value' },
  ]);
  expect(parse('id=TOKEN', 'ID=npmrc')).toEqual([
    { id: 'TOKEN', value: 'value' },
    { id: 'npmrc', path: join(cwd, 'npmrc') },
  ]);
  expect(parse('"id=a","src=x,y"')).toEqual([{ id: 'a', path: join(cwd, 'x,y') }]);
});

test.each([
  [['src=x'], '--secret "src=x" has no id.'],
  [['id='], '--secret "id=" has no id.'],
  [['id=none'], 'there is none of that name'],
  [['id=a,env=NOT_SET'], 'variable NOT_SET, which is not set'],
  [['id=a,src=x,env=TOKEN'], '--secret "a" has two sources.'],
  [['id=a,src=x,source=y'], '--secret "a" has two sources.'],
  [['id=a,type=vault'], '--secret type "vault" is not known.'],
  [['id=a,path=x'], '--secret does not know "path".'],
  [['id'], 'The field id of --secret has no value.'],
  [['id=a,id=b'], '--secret has id twice.'],
  [['id=a,src=x', 'id=a,src=y'], '--secret gives "a" twice.'],
  [['"id=a'], 'is not a list of fields'],
])('secrets %j', (values, message) => {
  expect(() => parseSecrets(values, environment, cwd)).toThrow(message);
});

test('agents: one’s own, a socket, keys', () => {
  expect(parseSsh(['default', 'a=s', 'b=/k1,k2'], environment, cwd)).toEqual([
    { id: 'default', paths: ['/agent'] },
    { id: 'a', paths: [join(cwd, 's')] },
    { id: 'b', paths: ['/k1', join(cwd, 'k2')] },
  ]);
});

test.each([
  [['=x'], {}, '--ssh "=x" has no id.'],
  [['default'], {}, 'SSH_AUTH_SOCK does not say where it is'],
  [['a=x,'], {}, '--ssh "a=x," has an empty path.'],
  [['a', 'a'], environment, '--ssh gives "a" twice.'],
])('agents %j', (values, env, message) => {
  expect(() => parseSsh(values, env, cwd)).toThrow(message);
});

import { describe, expect, test } from 'vitest';
import {
  addOnbuild,
  addPorts,
  addVolumes,
  clearOnbuild,
  emptyConfig,
  envOf,
  resolveWorkdir,
  setCmd,
  setEntrypoint,
  setEnv,
  setLabels,
  shellCommand,
  withDefaultPath,
} from './config.ts';

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

describe('config edits', () => {
  test('scratch starts with a PATH and the root', () => {
    expect(emptyConfig({ os: 'linux', architecture: 'arm', variant: 'v7' })).toEqual({
      os: 'linux',
      architecture: 'arm',
      variant: 'v7',
      config: { Env: [PATH], WorkingDir: '/' },
      rootfs: { type: 'layers', diff_ids: [] },
      history: [],
    });
  });

  test('ENV replaces in place and appends, and leaves its input alone', () => {
    const before = { Env: ['A=1', 'B=2', 'C'] };
    const after = setEnv(before, [
      { key: 'B', value: 'x=y' },
      { key: 'D', value: '' },
      { key: 'C', value: '3' },
      { key: 'D', value: '4' },
    ]);
    expect(after.Env).toEqual(['A=1', 'B=x=y', 'C=3', 'D=4']);
    expect(before.Env).toEqual(['A=1', 'B=2', 'C']);
    expect([...envOf(after)]).toEqual([
      ['A', '1'],
      ['B', 'x=y'],
      ['C', '3'],
      ['D', '4'],
    ]);
  });

  test('a default PATH is added only where there is none', () => {
    expect(withDefaultPath({}, 'linux').Env).toEqual([PATH]);
    expect(withDefaultPath({ Env: ['A=1'] }, 'linux').Env).toEqual(['A=1', PATH]);
    expect(withDefaultPath({ Env: ['PATH=/bin'] }, 'linux').Env).toEqual(['PATH=/bin']);
  });

  test('ENTRYPOINT drops an inherited CMD, and keeps one of this stage', () => {
    const inherited = setCmd({ User: 'x' }, ['sh']);
    expect(inherited.ArgsEscaped).toBe(true);
    expect(setEntrypoint(inherited, ['e'], false)).toEqual({
      User: 'x',
      Entrypoint: ['e'],
      ArgsEscaped: true,
    });
    expect(setEntrypoint(inherited, ['e'], true)).toMatchObject({ Entrypoint: ['e'], Cmd: ['sh'] });
  });

  test('maps are merged, whatever the keys are called', () => {
    const labels = setLabels({ Labels: { a: '1' } }, [
      { key: '__proto__', value: 'p' },
      { key: 'a', value: '2' },
    ]).Labels!;
    expect(Object.entries(labels)).toEqual([
      ['a', '2'],
      ['__proto__', 'p'],
    ]);
    expect(addPorts(addPorts({}, ['80/tcp']), ['81/udp']).ExposedPorts).toEqual({
      '80/tcp': {},
      '81/udp': {},
    });
    expect(addVolumes({ Volumes: { '/a': {} } }, ['/b']).Volumes).toEqual({ '/a': {}, '/b': {} });
  });

  test('ONBUILD appends, and is cleared as a whole', () => {
    const config = addOnbuild(addOnbuild({}, 'RUN a'), 'RUN b');
    expect(config.OnBuild).toEqual(['RUN a', 'RUN b']);
    expect(clearOnbuild(config)).toEqual({});
  });

  test.each([
    [undefined, 'app', '/app'],
    ['/a', 'b', '/a/b'],
    ['/a', '/b/', '/b'],
    ['/a/b', '../../../c/./d//e', '/c/d/e'],
    ['/a', '.', '/a'],
    ['relative', 'x', '/relative/x'],
  ])('WORKDIR %s then %s is %s', (before, path, expected) => {
    expect(resolveWorkdir(before === undefined ? {} : { WorkingDir: before }, path)).toBe(expected);
  });

  test('a shell-form command uses the shell in force', () => {
    expect(shellCommand({}, 'linux', 'echo a  b')).toEqual(['/bin/sh', '-c', 'echo a  b']);
    expect(shellCommand({ Shell: ['/bin/bash', '-ec'] }, 'linux', 'x')).toEqual(['/bin/bash', '-ec', 'x']);
    expect(shellCommand({}, 'windows', 'x')).toEqual(['cmd', '/S', '/C', 'x']);
  });
});

import { describe, expect, test } from 'vitest';
import { configRows } from './config-rows.ts';

describe('configRows', () => {
  test('says what there is, in order', () => {
    const rows = configRows({
      author: 'me',
      config: {
        Labels: { a: '1' },
        Env: ['A=1', 'B=2'],
        Cmd: ['node', 'x y'],
        ExposedPorts: { '80/tcp': {} },
        User: '',
        OnBuild: null,
        Volumes: {},
      },
    });
    expect(rows).toEqual([
      { name: 'Command', values: ['["node","x y"]'] },
      { name: 'Environment', values: ['A=1', 'B=2'] },
      { name: 'Ports', values: ['80/tcp'] },
      { name: 'Labels', values: ['a=1'] },
      { name: 'Author', values: ['me'] },
    ]);
  });

  test.each([
    [null],
    [undefined],
    [7],
    ['x'],
    [[]],
    [{ config: 'x' }],
    [{ config: { Env: {}, Labels: [] } }],
  ])('a config of another shape, %j, does no harm', (config) =>
    expect(() => configRows(config)).not.toThrow(),
  );

  test('a field of another shape is shown as it is', () => {
    expect(configRows({ config: { User: 7, Env: [1, { a: 2 }] } })).toEqual([
      { name: 'User', values: ['7'] },
      { name: 'Environment', values: ['1', '{"a":2}'] },
    ]);
  });
});

import { describe, expect, test } from 'vitest';
import { argFields, formOf, optionsFault, optionsOf } from './options-form.ts';

describe('the form of options', () => {
  test('goes both ways', () => {
    const options = {
      dockerfile: 'a.Dockerfile',
      tags: ['app:1'],
      target: 't',
      buildArgs: { A: '1' },
      labels: { l: '' },
      platform: 'linux/amd64',
      noCache: true,
      secrets: [{ id: 'npm', file: '/home/me/.npmrc' }],
      ssh: true,
      network: 'none' as const,
      contexts: { shared: '../shared' },
    };
    expect(optionsOf(formOf(options))).toEqual(options);
  });

  test('leaves out what is blank', () => {
    expect(optionsOf(formOf({}))).toEqual({ dockerfile: 'Dockerfile', tags: [] });
    const form = formOf({ tags: [' app ', '', 'app'] });
    form.target = '  ';
    form.buildArgs.push({ key: '', value: 'x' }, { key: ' B ', value: ' b ' });
    expect(optionsOf(form)).toEqual({ dockerfile: 'Dockerfile', tags: ['app'], buildArgs: { B: ' b ' } });
  });

  test('of a name that comes twice the last counts', () => {
    const form = formOf({ labels: { a: '1' } });
    form.labels.push({ key: 'a', value: '2' });
    expect(optionsOf(form).labels).toEqual({ a: '2' });
  });

  test('a name that is a word of the language is a name', () => {
    const form = formOf({});
    form.buildArgs.push({ key: '__proto__', value: 'x' });
    expect(Object.entries(optionsOf(form).buildArgs!)).toEqual([['__proto__', 'x']]);
  });
});

test('argFields', () => {
  expect(
    argFields([{ name: 'A', default: '1' }, { name: 'B' }, { name: 'A' }, { name: 'B', default: '' }]),
  ).toEqual([
    { name: 'A', placeholder: '1' },
    { name: 'B', placeholder: '' },
  ]);
});

test('a secret without its full path, or a context without a source, is told before the build', () => {
  expect(optionsFault({})).toBeUndefined();
  expect(optionsFault({ secrets: [{ id: 'a', file: 'C:\\a' }], contexts: { b: '../b' } })).toBeUndefined();
  expect(optionsFault({ secrets: [{ id: 'a', file: 'a.txt' }] })).toContain('secret a');
  expect(optionsFault({ contexts: { b: ' ' } })).toContain('context b');
});

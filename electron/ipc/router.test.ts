import { describe, expect, test } from 'vitest';
import { createFakeEngine } from '../../tests/support/fake-engine.ts';
import { contract, type CallName } from '../../shared/contract.ts';
import { EngineError } from '../engine/base/errors.ts';
import { createBuildSessions } from './build-sessions.ts';
import { createChanges } from './changes.ts';
import { createHandlers } from './handlers.ts';
import { createProjectsStore } from './projects-store.ts';
import { createRouter, type Handlers } from './router.ts';
import { createShellSessions } from './shell-sessions.ts';
import { createWatches } from './watches.ts';

const context = { signal: new AbortController().signal, caller: {}, emit: () => undefined };

function routerWith(overrides: Partial<Handlers> = {}) {
  const engine = createFakeEngine();
  const changes = createChanges();
  const sessions = createBuildSessions({ engine, changes });
  const projects = createProjectsStore(engine.store.root);
  const handlers = createHandlers({
    ...{ engine, changes, sessions, projects },
    watches: createWatches({ engine, sessions, projects }),
    shells: createShellSessions(engine),
    host: { kind: 'serve', version: '1.2.3' },
  });
  const defects: unknown[] = [];
  const router = createRouter({ ...handlers, ...overrides }, (_call, error) => defects.push(error));
  return { router, defects };
}

describe('createRouter', () => {
  test('answers a call of the contract', async () => {
    const { router } = routerWith();
    expect(await router.answer('system.info', {}, context)).toEqual({
      result: expect.objectContaining({ version: '1.2.3', host: 'serve', nativeDialogs: false }) as unknown,
    });
  });

  test.each([
    '',
    'system',
    'system.nothing',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'x'.repeat(1e6),
  ])('refuses the call %.20s', async (call) => {
    const { router, defects } = routerWith();
    const answer = await router.answer(call, {}, context);
    expect(answer).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(JSON.stringify(answer).length).toBeLessThan(300);
    expect(defects).toEqual([]);
  });

  const hostile: readonly (readonly [string, unknown])[] = [
    ['undefined', undefined],
    ['null', null],
    ['a number', 7],
    ['a text', 'text'],
    ['a list', []],
    ['a function', () => undefined],
    ['an unknown field', { nonsense: true }],
    ['a field named __proto__', JSON.parse('{"__proto__": {"polluted": true}}')],
    ['a field named constructor', { constructor: { prototype: { polluted: true } } }],
    [
      'fields of the wrong type',
      { path: 1, folder: {}, id: [], buildId: null, reference: 1, limit: 'x', path2: 1 },
    ],
  ];
  const calls = Object.keys(contract) as CallName[];

  test.each(calls)('%s refuses hostile input with a typed error', async (call) => {
    const { router, defects } = routerWith();
    for (const [, input] of hostile) {
      expect(await router.answer(call, input, context)).toMatchObject({ error: { code: 'BAD_INPUT' } });
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(defects).toEqual([]);
  });

  test.each([
    ['projects.inspect', { path: 'x'.repeat(1e8) }],
    ['images.get', { id: 'x'.repeat(1e8) }],
    ['images.get', { id: '../../etc/passwd' }],
    ['builds.list', { limit: 1e9 }],
    ['builds.remove', { buildIds: new Array(2000).fill('b') }],
    ['images.save', { id: 'a', path: '/tmp/x', format: 'exe' }],
    ['projects.setOptions', { id: 'a', options: JSON.parse('{"buildArgs": {"__proto__": "x"}}') as unknown }],
  ])('%s refuses what is too much', async (call, input) => {
    const { router } = routerWith();
    const answer = await router.answer(call, input, context);
    expect(answer).toMatchObject({ error: { code: 'BAD_INPUT' } });
    expect(JSON.stringify(answer).length).toBeLessThan(500);
  });

  test('an error the person can mend keeps its code and hint and is no defect', async () => {
    const { router, defects } = routerWith({
      'images.list': () => {
        throw new EngineError('STORE_LOCKED', 'The store is locked.', { hint: 'Wait.' });
      },
    });
    expect(await router.answer('images.list', {}, context)).toEqual({
      error: { code: 'STORE_LOCKED', message: 'The store is locked.', hint: 'Wait.' },
    });
    expect(defects).toEqual([]);
  });

  test('a defect is reported here and leaves without a stack', async () => {
    const { router, defects } = routerWith({
      'images.list': () => Promise.reject(new TypeError('x is not a function')),
    });
    const answer = await router.answer('images.list', {}, context);
    expect(answer).toMatchObject({
      error: { code: 'INTERNAL', hint: expect.stringContaining('x is not a function') },
    });
    expect(defects).toHaveLength(1);
  });
});

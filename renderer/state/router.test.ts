import { describe, expect, test, vi } from 'vitest';
import { createRouter, readRoute, sameRoute, type Route } from './router.svelte.ts';

function fakeWindow(state: unknown = null) {
  let onPop: ((event: { state: unknown }) => void) | undefined;
  const pushState = vi.fn();
  const target = {
    history: { state, pushState, back: vi.fn(), forward: vi.fn() },
    addEventListener: (_type: string, listener: typeof onPop) => (onPop = listener),
  };
  return {
    target: target as unknown as Window,
    pushState,
    pop: (entry: unknown) => onPop?.({ state: entry }),
  };
}

describe('createRouter', () => {
  test('starts at the projects, or where the page was', () => {
    expect(createRouter(fakeWindow().target).route).toEqual({ screen: 'projects' });
    const route = { screen: 'build', buildId: 'b' };
    expect(createRouter(fakeWindow({ route }).target).route).toEqual(route);
  });

  test('each step is a history entry, and going back shows the one before', () => {
    const { target, pushState, pop } = fakeWindow();
    const router = createRouter(target);
    router.go({ screen: 'images' });
    router.go({ screen: 'images' });
    expect(pushState).toHaveBeenCalledOnce();
    expect(router.route).toEqual({ screen: 'images' });
    pop(null);
    expect(router.route).toEqual({ screen: 'projects' });
  });
});

test.each<[unknown, Route | undefined]>([
  [{ route: { screen: 'storage' } }, { screen: 'storage' }],
  [{ route: { screen: 'builds', projectId: 'p' } }, { screen: 'builds', projectId: 'p' }],
  [{ route: { screen: 'builds', projectId: 7 } }, { screen: 'builds' }],
  [{ route: { screen: 'build' } }, undefined],
  [{ route: { screen: 'image', id: 'x', more: 1 } }, { screen: 'image', id: 'x' }],
  [{ route: { screen: 'nowhere' } }, undefined],
  [{ route: null }, undefined],
  ['x', undefined],
  [null, undefined],
])('readRoute(%j)', (state, expected) => expect(readRoute(state)).toEqual(expected));

test('sameRoute', () => {
  expect(sameRoute({ screen: 'image', id: 'a' }, { id: 'a', screen: 'image' })).toBe(true);
  expect(sameRoute({ screen: 'builds' }, { screen: 'builds', projectId: 'p' })).toBe(false);
});

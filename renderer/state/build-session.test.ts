import { expect, test, vi } from 'vitest';
import type { BuildEvent } from '../../shared/build-events.ts';
import type { Client } from '../../shared/contract.ts';
import { fakeBuild } from '../../tests/e2e/support/fake-builds.ts';
import { followBuild } from './build-session.svelte.ts';

type Stream = (emit: (events: readonly BuildEvent[]) => void, signal?: AbortSignal) => Promise<null>;

function clientOf(...streams: Stream[]): Client {
  let calls = 0;
  const stream = (_name: string, _input: unknown, emit: never, signal?: AbortSignal) =>
    streams[calls++]!(emit, signal);
  return { stream } as unknown as Client;
}

const { events } = fakeBuild('b', '/p', 'succeeded', 0);

test('shows the build as its events come, to the end', async () => {
  const session = followBuild(
    clientOf(async (emit) => {
      emit(events.slice(0, 10));
      await Promise.resolve();
      emit(events.slice(10));
      return null;
    }),
    'b',
    new AbortController().signal,
  );
  expect(session.state.phase).toBe('building');
  await vi.waitFor(() => expect(session.state.outcome).toBe('succeeded'));
  expect(session).toMatchObject({ interrupted: false, error: undefined });
});

test('when the connection breaks it reads again, and counts nothing twice', async () => {
  const session = followBuild(
    clientOf(
      (emit) => {
        emit(events.slice(0, 20));
        return Promise.reject({ code: 'CONNECTION_LOST', message: 'Lost.' } as unknown as Error);
      },
      (emit) => {
        emit(events);
        return Promise.resolve(null);
      },
    ),
    'b',
    new AbortController().signal,
  );
  await vi.waitFor(() => expect(session.state.phase).toBe('finished'));
  expect(session.state.logs.get('deps/4')?.lines).toHaveLength(63);
  expect(session.state.warnings).toHaveLength(1);
});

test('says why a build cannot be shown', async () => {
  const error = { code: 'BUILD_NOT_FOUND', message: 'There is no build b.' };
  const session = followBuild(
    clientOf(() => Promise.reject(error as unknown as Error)),
    'b',
    new AbortController().signal,
  );
  await vi.waitFor(() => expect(session.error).toEqual(error));
});

test('a stream that ends before the build does is an interrupted build', async () => {
  const session = followBuild(
    clientOf((emit) => {
      emit(events.slice(0, 10));
      return Promise.resolve(null);
    }),
    'b',
    new AbortController().signal,
  );
  await vi.waitFor(() => expect(session.interrupted).toBe(true));
});

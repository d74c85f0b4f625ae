import { EngineError } from '../base/errors.ts';
import type { CopyDefinition } from './definition.ts';
import type { Place } from './place.ts';

const REMOTE = /^(?:https?:\/\/|git:\/\/|ssh:\/\/|[A-Za-z0-9_-]+@[A-Za-z0-9.-]+:)/;

/** Whether a source of ADD names something to fetch: an http(s) URL or a git repository (`git@host:path`, `ssh://`, `git://`). */
export function isRemoteSource(source: string): boolean {
  return REMOTE.test(source);
}

/**
 * Stops at the first source that would have to be fetched: COPY_REMOTE_SOURCE for COPY, which never fetches, and
 * ADD_REMOTE_UNSUPPORTED for ADD.
 */
export function refuseRemoteSources(definition: CopyDefinition, place: Place): void {
  const source = definition.sources.find(isRemoteSource);
  if (source === undefined) return;
  if (definition.op === 'copy') {
    throw new EngineError('COPY_REMOTE_SOURCE', `COPY cannot fetch ${source}.`, {
      hint: 'COPY takes files of the build context, a stage or an image.',
      ...place,
    });
  }
  throw new EngineError('ADD_REMOTE_UNSUPPORTED', `ADD cannot fetch ${source} yet.`, {
    hint: 'Adding from a URL or a git repository comes with a later version; until then download it into the build context.',
    ...place,
  });
}

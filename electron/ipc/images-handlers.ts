import { isAbsolute } from 'node:path';
import type { Transfer } from '../../shared/contract.ts';
import { EngineError } from '../engine/base/errors.ts';
import type { TransferOptions } from '../engine/engine.ts';
import type { Section } from './router.ts';
import type { SaveGrants } from './save-grants.ts';
import type { Services } from './services.ts';

/** `images.*`: the local images, their references, and archives in and out. */
export function imagesHandlers({ engine, changes }: Services, grants: SaveGrants): Section<'images'> {
  const { images } = engine;
  return {
    'images.list': () => images.list(),
    'images.get': ({ id }) => images.get(id),
    'images.tag': async ({ id, reference }) => {
      const tagged = await images.tag(id, reference);
      changes.notify('images');
      return tagged;
    },
    'images.untag': async ({ reference }) => {
      await images.untag(reference);
      changes.notify('images');
      return null;
    },
    'images.remove': async ({ id }) => {
      const { freed } = await images.remove(id);
      changes.notify('images');
      return { freed };
    },
    'images.load': async ({ path }, { signal }) => {
      if (!isAbsolute(path)) throw new EngineError('BAD_PATH', 'An archive is named by its full path.');
      const loaded = await images.load(path, { signal });
      changes.notify('images');
      return loaded;
    },
    'images.pull': async ({ reference, platform }, { signal, emit }) => {
      const pulled = await images.pull(reference, { platform, signal, onTransfer: transferEvents(emit) });
      changes.notify('images');
      return pulled;
    },
    'images.push': ({ reference }, { signal, emit }) =>
      images.push(reference, { signal, onTransfer: transferEvents(emit) }),
    'images.save': async ({ id, path, format }, { signal }) =>
      images.save(id, await grants.take(path), format, { signal }),
  };
}

/** Milliseconds between two events about one transfer. */
const PAUSE = 100;

function transferEvents(
  emit: (event: Transfer) => void | Promise<void>,
): NonNullable<TransferOptions['onTransfer']> {
  let next = 0;
  return (current, total) => {
    const now = performance.now();
    if (now < next && current < total) return;
    next = now + PAUSE;
    void emit({ current, total });
  };
}

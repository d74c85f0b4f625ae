import type { Check, Transfer } from '../../../shared/contract.ts';
import { completeReference } from '../../../shared/format.ts';

/** What becomes of a transfer is in the reference: `slow` never ends, `denied` asks for a password, after a while where it is `late`. */
export async function fakeTransfer(
  reference: string,
  emit: (progress: Transfer) => void,
  signal?: AbortSignal,
): Promise<string> {
  const total = 82_430_000;
  if (reference.includes('late')) await new Promise((resolve) => setTimeout(resolve, 200));
  if (reference.includes('denied'))
    throw {
      code: 'REGISTRY_DENIED',
      message: 'registry.example.com does not allow this (status 401).',
      hint: 'Check the name, or log in with "slipway login registry.example.com".',
    };
  emit({ current: 0, total });
  emit({ current: 31_200_000, total });
  if (reference.includes('slow'))
    await new Promise((_resolve, reject) =>
      signal?.addEventListener('abort', () => reject(signal.reason as Error)),
    );
  emit({ current: total, total });
  return completeReference(reference);
}

/** A machine where RUN works in part. */
export const FAKE_CHECKS: readonly Check[] = [
  {
    id: 'identity',
    name: 'Identity',
    state: 'limited',
    detail: 'You have a single id here, so files of other owners cannot be made.',
    fix: 'sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 me',
  },
  {
    id: 'runtime',
    name: 'Container runtime',
    state: 'missing',
    detail: 'Neither crun nor runc is installed; one of them runs the commands of RUN.',
    fix: 'sudo apt-get install crun',
  },
  { id: 'overlay', name: 'Overlay file system', state: 'ok', detail: 'Layers are stacked without a copy.' },
  { id: 'tar', name: 'GNU tar', state: 'ok', detail: 'It unpacks layers for RUN: /usr/bin/tar.' },
];

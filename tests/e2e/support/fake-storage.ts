import type { CallInput, CallOutput, Change } from '../../../shared/contract.ts';
import {
  STORAGE_KINDS,
  type PruneReport,
  type StorageItem,
  type StorageKind,
} from '../../../shared/storage.ts';
import type { FakeScene } from './fake-client.ts';

const HOUR = 3_600_000;

type StorageCall = 'storage.usage' | 'storage.policy' | 'storage.prune';

/** The storage of the fake application: something of every kind until it is cleaned up. */
export function fakeStorage(
  scene: FakeScene,
  now: number,
  changed: (change: Change) => void,
): { readonly [N in StorageCall]: (input: CallInput<N>) => CallOutput<N> } {
  let items = scene === 'full' ? fakeItems(now) : [];
  const mayGo = ({ usedAt = 0, inUse, name }: StorageItem, what: 'unused' | 'all'): boolean =>
    !inUse && !name.includes('docker.io') && (what === 'all' || usedAt < now - 100 * HOUR);
  const sum = (some: readonly { readonly bytes: number }[]): number =>
    some.reduce((total, { bytes }) => total + bytes, 0);
  const of = (kind: StorageKind, some: readonly StorageItem[]): readonly StorageItem[] =>
    some.filter((item) => item.kind === kind);

  return {
    'storage.usage': () => {
      const shared = scene === 'full' ? 28_700_000 : 0;
      const unique = sum(of('images', items));
      const kinds = STORAGE_KINDS.map((kind) => ({
        kind,
        count: of(kind, items).length,
        bytes: kind === 'other' ? 1_240_000 : sum(of(kind, items)) + (kind === 'images' ? shared : 0),
        reclaimable: sum(of(kind, items).filter((item) => mayGo(item, 'all'))),
      }));
      return { kinds, total: sum(kinds), images: { unique, shared }, items };
    },
    'storage.policy': () => ({ maxSize: 20_000_000_000, keepDays: 30, keepBuilds: 20 }),
    'storage.prune': ({ what, dryRun }) => {
      const gone = items.filter((item) => mayGo(item, what));
      const kinds: PruneReport['kinds'] = STORAGE_KINDS.flatMap((kind) => {
        const own = of(kind, gone);
        return own.length === 0 ? [] : [{ kind, count: own.length, bytes: sum(own) }];
      });
      if (!dryRun) {
        items = items.filter((item) => !gone.includes(item));
        changed('storage');
      }
      return { freed: sum(gone), kinds, dryRun };
    },
  };
}

function fakeItems(now: number): readonly StorageItem[] {
  const item = (
    kind: StorageKind,
    id: string,
    name: string,
    bytes: number,
    hours: number,
    inUse = false,
  ): StorageItem => ({ kind, id, name, bytes, usedAt: now - hours * HOUR, inUse });
  const digest = (seed: string): string => `sha256:${seed.repeat(64).slice(0, 64)}`;
  return [
    item('cache', digest('5e'), 'RUN apt-get update && apt-get install -y build-essential', 412_000_000, 900),
    item('cacheMounts', 'c1', '/root/.npm', 230_000_000, 3),
    item('snapshots', `${digest('1').slice(7)}.aa`, digest('1'), 96_000_000, 0, true),
    item('cache', digest('6f'), 'COPY <img src=x onerror=window.__pwned=1> \u202e/gpj', 61_200_000, 20),
    item('images', digest('77aa'), 'image without a name', 61_000_000, 520),
    item('images', digest('b7e1'), 'docker.io/library/site:latest', 12_800_000, 30),
    item('failedSteps', 'b-bad-run/0/3', 'builder/3', 9_400_000, 4),
    item('images', digest('a1b2'), 'docker.io/library/shop:latest, ghcr.io/acme/shop:1.4', 3_120_000, 0.2),
    item('builds', 'b-ok', '/home/me/code/shop', 412_000, 0.2),
    item('builds', 'b-old', '/home/me/code/site', 230_000, 2000),
  ];
}

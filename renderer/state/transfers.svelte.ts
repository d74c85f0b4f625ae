import type { Client, Transfer } from '../../shared/contract.ts';
import type { ErrorPayload } from '../../shared/error-payload.ts';
import { errorOf } from '../transport/call-error.ts';

export interface TransferRequest {
  readonly kind: 'pull' | 'push';
  /** As the person wrote it. */
  readonly reference: string;
  /** Of a pull, where it is not this machine's. */
  readonly platform?: string | undefined;
}

/** An image on its way from or to a registry. */
export interface TransferView extends TransferRequest {
  readonly id: number;
  readonly state: 'running' | 'done' | 'failed';
  /** Absent until the registry has said how much there is. */
  readonly progress?: Transfer;
  /** The full reference, and the manifest's digest. */
  readonly result?: { readonly reference: string; readonly id: string };
  readonly error?: ErrorPayload;
  /** A dialog shows it, and tells what becomes of it. */
  readonly attended: boolean;
}

/**
 * Pulls and pushes under way, any number at once. They belong to the window, not to the dialog that began them; when the
 * window closes they are cancelled, which leaves no half image behind.
 */
export interface Transfers {
  readonly items: readonly TransferView[];
  get(id: number): TransferView | undefined;
  /** Begins it, attended; where the same is under way already, answers that one. */
  start(request: TransferRequest): number;
  /** The dialog is gone: what runs goes on in the background, what has ended is forgotten. */
  leave(id: number): void;
  /** Stops it and forgets it. */
  cancel(id: number): void;
  /** Begins a failed one again, in the background. */
  retry(id: number): void;
}

/** One of the list, with the way to stop it. */
interface Item extends TransferView {
  readonly controller: AbortController;
}

/** `onDone` is told of each that ended well in the background; one that failed stays in the list. */
export function createTransfers(client: Client, onDone: (transfer: TransferView) => void): Transfers {
  let items = $state.raw<readonly Item[]>([]);
  let lastId = 0;

  const find = (id: number): Item | undefined => items.find((item) => item.id === id);
  const remove = (id: number): void => void (items = items.filter((item) => item.id !== id));
  const update = (id: number, change: Partial<TransferView>): void =>
    void (items = items.map((item) => (item.id === id ? { ...item, ...change } : item)));

  async function run(item: Item): Promise<void> {
    const { id } = item;
    const { signal } = item.controller;
    try {
      const result = await carry(item, (progress) => update(id, { progress }), signal);
      update(id, { state: 'done', result });
      const ended = find(id);
      if (!ended || ended.attended) return;
      remove(id);
      onDone(ended);
    } catch (thrown) {
      if (!signal.aborted) update(id, { state: 'failed', error: errorOf(thrown) });
    }
  }

  function carry(
    { kind, reference, platform }: TransferRequest,
    onProgress: (progress: Transfer) => void,
    signal: AbortSignal,
  ): Promise<{ readonly reference: string; readonly id: string }> {
    if (kind === 'push') return client.stream('images.push', { reference }, onProgress, signal);
    const input = platform === undefined ? { reference } : { reference, platform };
    return client.stream('images.pull', input, onProgress, signal);
  }

  return {
    get items() {
      return items;
    },
    get: find,
    start(request) {
      const same = items.find(
        (item) =>
          item.state === 'running' &&
          item.kind === request.kind &&
          item.reference === request.reference &&
          item.platform === request.platform,
      );
      if (same) {
        update(same.id, { attended: true });
        return same.id;
      }
      const item = begin(++lastId, request, true);
      items = [...items, item];
      void run(item);
      return item.id;
    },
    leave(id) {
      if (find(id)?.state === 'running') update(id, { attended: false });
      else remove(id);
    },
    cancel(id) {
      find(id)?.controller.abort();
      remove(id);
    },
    retry(id) {
      const failed = find(id);
      if (failed?.state !== 'failed') return;
      const again = begin(id, failed, false);
      items = items.map((item) => (item.id === id ? again : item));
      void run(again);
    },
  };
}

function begin(id: number, request: TransferRequest, attended: boolean): Item {
  const { kind, reference, platform } = request;
  return { id, kind, reference, platform, state: 'running', attended, controller: new AbortController() };
}

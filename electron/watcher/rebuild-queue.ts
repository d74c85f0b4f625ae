/** What to do with a build that is under way when something changes. */
export type WhileBuilding = 'finish' | 'restart';

/** One piece of work at a time, and at most one more that waits. */
export interface RebuildQueue {
  /** Has the work done with what is new by then: now, or after what is under way, which is called off for `news` alone. */
  request(options?: { readonly news: boolean }): void;
  readonly state: 'idle' | 'running' | 'queued';
  /** Calls off what is under way and what waits, and resolves when nothing is any more. */
  cancel(): Promise<void>;
}

export interface RebuildQueueOptions {
  readonly whileBuilding: () => WhileBuilding;
  /** Must not fail. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly onState?: () => void;
}

/** However often it is asked meanwhile, one run follows the one under way; with `restart` that one is called off. */
export function createRebuildQueue({ whileBuilding, run, onState }: RebuildQueueOptions): RebuildQueue {
  let waits = false;
  let current: { readonly controller: AbortController; readonly ended: Promise<void> } | undefined;

  async function work(controller: AbortController): Promise<void> {
    await run(controller.signal);
    current = undefined;
    if (waits) start();
    else onState?.();
  }

  function start(): void {
    waits = false;
    const controller = new AbortController();
    current = { controller, ended: Promise.resolve().then(() => work(controller)) };
    onState?.();
  }

  return {
    get state() {
      return waits ? 'queued' : current ? 'running' : 'idle';
    },
    request({ news } = { news: true }) {
      if (!current) return start();
      waits = true;
      if (news && whileBuilding() === 'restart') current.controller.abort();
      onState?.();
    },
    async cancel() {
      waits = false;
      const ending = current;
      ending?.controller.abort();
      await ending?.ended;
    },
  };
}

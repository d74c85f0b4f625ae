/** A piece of work that may start when everything it needs is done. */
export interface Task {
  readonly id: string;
  readonly needs: readonly string[];
}

/**
 * Runs every task once, as many at a time as `parallelism` allows, each as soon as what it needs is done.
 *
 * On the first failure, or when `signal` fires, nothing more is started, `run`'s signal fires for the tasks under way, and
 * the returned promise rejects with that first error once they have all settled; `onNeverStarted` hears of the rest.
 * The tasks must form a DAG: a cycle is a defect of the caller and throws at once.
 */
export async function schedule<T extends Task>(
  tasks: readonly T[],
  run: (task: T, signal: AbortSignal) => Promise<void>,
  options: {
    readonly parallelism: number;
    readonly signal?: AbortSignal | undefined;
    readonly onNeverStarted?: (task: T) => void;
  },
): Promise<void> {
  assertAcyclic(tasks);
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const blockers = new Map(tasks.map((task) => [task.id, new Set(task.needs)]));
  const waiting = new Set(tasks);
  let failure: { readonly error: unknown } | undefined;
  let running = 0;

  await new Promise<void>((resolve) => {
    const fail = (error: unknown): void => {
      failure ??= { error };
      stop.abort(error);
    };
    const pump = (): void => {
      if (signal.aborted) failure ??= { error: signal.reason };
      if (!failure) {
        for (const task of waiting) {
          if (running >= options.parallelism) break;
          if (blockers.get(task.id)!.size === 0) start(task);
        }
      }
      if (running === 0) resolve();
    };
    const start = (task: T): void => {
      waiting.delete(task);
      running++;
      run(task, signal)
        .then(() => {
          for (const set of blockers.values()) set.delete(task.id);
        }, fail)
        .finally(() => {
          running--;
          pump();
        });
    };
    pump();
  });

  if (failure) {
    for (const task of waiting) options.onNeverStarted?.(task);
    throw failure.error;
  }
}

function assertAcyclic(tasks: readonly Task[]): void {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const state = new Map<string, 'open' | 'done'>();
  const visit = (task: Task): void => {
    if (state.get(task.id) === 'done') return;
    if (state.get(task.id) === 'open') throw new Error(`Task ${task.id} needs itself.`);
    state.set(task.id, 'open');
    for (const need of task.needs) {
      const needed = byId.get(need);
      if (!needed) throw new Error(`Task ${task.id} needs ${need}, which does not exist.`);
      visit(needed);
    }
    state.set(task.id, 'done');
  };
  tasks.forEach(visit);
}

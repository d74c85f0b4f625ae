import type { BuildEvent, BuildEventBody } from '../../../shared/build-events.ts';

/** Numbers and stamps the events of one build and hands them on in batches, in order. */
export interface EventStream {
  emit(event: BuildEventBody): void;
  /** Hands on what is waiting now. */
  flush(): void;
}

/** Batches are handed on once the current turn of the event loop is over, so that a burst costs one message. */
export function createEventStream(
  sink: (events: readonly BuildEvent[]) => void,
  now: () => number,
): EventStream {
  let seq = 0;
  let waiting: BuildEvent[] = [];
  let scheduled = false;
  const flush = (): void => {
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    sink(batch);
  };
  return {
    emit(event) {
      waiting.push({ ...event, seq: seq++, time: now() });
      if (scheduled) return;
      scheduled = true;
      setImmediate(() => {
        scheduled = false;
        flush();
      });
    },
    flush,
  };
}

import type { BuildEvent } from '../../shared/build-events.ts';

/** The latest events of a running build, in memory; older ones are in the build's log on disk. */
export interface EventWindow {
  push(events: readonly BuildEvent[]): void;
  /** Sequence number of the oldest event kept, and of the next one to come. */
  readonly first: number;
  readonly end: number;
  /** Up to `limit` events from sequence number `from`, which is not below `first`. */
  slice(from: number, limit: number): readonly BuildEvent[];
}

const MAX_EVENTS = 20_000;
const MAX_LOG_CHARACTERS = 8 * 1024 * 1024;

/** Keeps at most `maxEvents` events and `maxCharacters` of log text; the oldest go first, half a window at a time. */
export function createEventWindow(maxEvents = MAX_EVENTS, maxCharacters = MAX_LOG_CHARACTERS): EventWindow {
  let events: BuildEvent[] = [];
  let first = 0;
  let characters = 0;

  const weigh = (list: readonly BuildEvent[]): number =>
    list.reduce((sum, event) => sum + (event.type === 'step.log' ? event.text.length : 0), 0);

  return {
    push(added) {
      for (const event of added) events.push(event);
      characters += weigh(added);
      while (events.length > 1 && (events.length > maxEvents || characters > maxCharacters)) {
        const dropped = Math.ceil(events.length / 2);
        characters -= weigh(events.slice(0, dropped));
        events = events.slice(dropped);
        first += dropped;
      }
    },
    get first() {
      return first;
    },
    get end() {
      return first + events.length;
    },
    slice: (from, limit) => events.slice(from - first, from - first + limit),
  };
}

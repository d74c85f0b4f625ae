import type { EventEmitter } from 'node:events';

interface Listening {
  on: unknown;
  once: unknown;
}

/**
 * An emitter's listening methods under Electron's own types for them. Electron writes each event as an overload that
 * answers `this`, which no implementation can be checked against; everything else of the double is checked.
 */
export function listening<T extends Listening>(emitter: EventEmitter): Pick<T, 'on' | 'once'> {
  return { on: emitter.on.bind(emitter), once: emitter.once.bind(emitter) } as unknown as Pick<
    T,
    'on' | 'once'
  >;
}

/** An event that a listener may prevent. */
export function preventable(): { preventDefault(): void; readonly defaultPrevented: boolean } {
  let prevented = false;
  return {
    preventDefault: () => {
      prevented = true;
    },
    get defaultPrevented() {
      return prevented;
    },
  };
}

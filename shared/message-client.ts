import type { CallName, Client } from './contract.ts';
import type { ErrorPayload } from './error-payload.ts';
import type { Bridge, ServerMessage } from './messages.ts';
import type { SourceRange } from './source-range.ts';

/** How a call fails in the window: the payload's fields, on an Error. */
export class CallError extends Error implements ErrorPayload {
  readonly code: string;
  readonly hint?: string;
  readonly file?: string;
  readonly range?: SourceRange;

  constructor(payload: ErrorPayload) {
    super(payload.message);
    this.name = 'CallError';
    this.code = payload.code;
    if (payload.hint !== undefined) this.hint = payload.hint;
    if (payload.file !== undefined) this.file = payload.file;
    if (payload.range !== undefined) this.range = payload.range;
  }
}

interface Pending {
  readonly onEvent: ((event: never) => void) | undefined;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The Client over anything that carries messages. Calls reject with a CallError; a stream whose signal fires is cancelled
 * on the other side too and rejects with the signal's reason.
 */
export function createMessageClient(bridge: Bridge): Client {
  const pending = new Map<number, Pending>();
  let lastId = 0;

  bridge.onMessage((message: ServerMessage) => {
    const call = pending.get(message.id);
    if (!call) return;
    if ('event' in message) {
      call.onEvent?.(message.event as never);
      return;
    }
    pending.delete(message.id);
    if ('error' in message) call.reject(new CallError(message.error));
    else call.resolve(message.result as never);
  });

  function start<Output>(
    name: CallName,
    input: unknown,
    onEvent?: (event: never) => void,
    signal?: AbortSignal,
  ): Promise<Output> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    const id = ++lastId;
    return new Promise<Output>((resolve, reject) => {
      const cancel = (): void => {
        if (!pending.delete(id)) return;
        bridge.send({ id, cancel: true });
        reject(signal?.reason as Error);
      };
      const settled = (): void => signal?.removeEventListener('abort', cancel);
      pending.set(id, {
        onEvent,
        resolve: (value) => {
          settled();
          resolve(value);
        },
        reject: (error) => {
          settled();
          reject(error as Error);
        },
      });
      signal?.addEventListener('abort', cancel, { once: true });
      bridge.send({ id, call: name, input });
    });
  }

  return {
    call: (name, input) => start(name, input),
    stream: (name, input, onEvent, signal) => start(name, input, onEvent, signal),
    pathOf: (file) => bridge.pathOf(file),
  };
}

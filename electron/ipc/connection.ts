import * as v from 'valibot';
import type { ServerMessage } from '../../shared/messages.ts';
import type { Router } from './router.ts';

/** One window's conversation with the router. */
export interface Connection {
  /** Takes what the window sent. False where it is no message of the protocol: the transport should hang up. */
  receive(message: unknown): boolean;
  /** The window is gone: cancels every call that is under way. Builds go on. */
  close(): void;
}

const MAX_CALLS_UNDER_WAY = 256;

const IdSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const MessageSchema = v.union([
  v.strictObject({ id: IdSchema, cancel: v.literal(true) }),
  v.strictObject({
    id: IdSchema,
    call: v.pipe(v.string(), v.maxLength(200)),
    input: v.optional(v.unknown()),
  }),
]);

/**
 * Speaks the protocol of shared/messages.ts: an AbortSignal per call, its events and its one answer under its id. Where
 * `send` answers a promise the window is slow, and handlers that stream wait for it.
 */
export function createConnection(
  router: Router,
  send: (message: ServerMessage) => void | Promise<void>,
): Connection {
  const caller = {};
  const calls = new Map<number, AbortController>();
  let closed = false;

  async function start(id: number, call: string, input: unknown): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    calls.set(id, controller);
    const emit = (event: unknown): void | Promise<void> => (signal.aborted ? undefined : send({ id, event }));
    const answer = await router.answer(call, input, { signal, caller, emit });
    calls.delete(id);
    if (!closed) await send({ id, ...answer });
  }

  return {
    receive(message) {
      const parsed = v.safeParse(MessageSchema, message);
      if (!parsed.success || closed) return false;
      const { id } = parsed.output;
      if ('cancel' in parsed.output) {
        calls.get(id)?.abort();
        return true;
      }
      if (calls.has(id)) return false;
      if (calls.size >= MAX_CALLS_UNDER_WAY) {
        const error = { code: 'TOO_MANY_CALLS', message: 'Too many calls are under way at once.' };
        void send({ id, error });
        return true;
      }
      void start(id, parsed.output.call, parsed.output.input);
      return true;
    },
    close() {
      closed = true;
      for (const controller of calls.values()) controller.abort();
      calls.clear();
    },
  };
}

import * as v from 'valibot';
import { EngineError, toErrorPayload } from '../engine/base/errors.ts';
import { contract, type CallEvents, type CallName, type CallOutput } from '../../shared/contract.ts';
import type { ErrorPayload } from '../../shared/error-payload.ts';

/** What a handler gets besides its input. */
export interface CallContext<Event> {
  /** Fires when the caller cancels or is gone. */
  readonly signal: AbortSignal;
  /** Who asks: the same object for all calls of one window, and for no other's. */
  readonly caller: object;
  /** Sends an event; where it answers a promise, the caller is slow: wait for it before the next. */
  emit(event: Event): void | Promise<void>;
}

export type Handler<N extends CallName> = (
  input: v.InferOutput<(typeof contract)[N]['input']>,
  context: CallContext<CallEvents<N>>,
) => CallOutput<N> | Promise<CallOutput<N>>;

/** One handler for each call of the contract. */
export type Handlers = { readonly [N in CallName]: Handler<N> };

/** The handlers of one section of the contract, e.g. `images`. */
export type Section<Name extends string> = Pick<Handlers, Extract<CallName, `${Name}.${string}`>>;

export type Answer = { readonly result: unknown } | { readonly error: ErrorPayload };

export interface Router {
  /**
   * Answers one call; never rejects. The transport has already made sure who is asking. Errors are NOT_FOUND for a call
   * the contract doesn't name, BAD_INPUT for an input its schema refuses, else what the handler failed with.
   */
  answer(call: string, input: unknown, context: CallContext<unknown>): Promise<Answer>;
}

/**
 * The one gate between a window and the application: a known name and a valid input, or a typed error. `onDefect` is told
 * of every error that is no EngineError, a system's error or a cancellation, since those are mistakes in this program.
 */
export function createRouter(
  handlers: Handlers,
  onDefect: (call: string, error: unknown) => void = () => undefined,
): Router {
  async function run(call: string, input: unknown, context: CallContext<unknown>): Promise<unknown> {
    if (!Object.hasOwn(contract, call)) {
      throw new EngineError('NOT_FOUND', `There is no call ${JSON.stringify(call.slice(0, 100))}.`);
    }
    const name = call as CallName;
    const parsed = v.safeParse(contract[name].input, input, { abortEarly: true });
    if (!parsed.success) throw badInput(name, describeIssue(parsed.issues[0]));
    if (!isPlain(input)) throw badInput(name, 'a field has a name that is reserved, or is no plain value');
    const handler = handlers[name] as (input: unknown, context: CallContext<unknown>) => unknown;
    return handler(parsed.output, context);
  }

  return {
    async answer(call, input, context) {
      try {
        return { result: (await run(call, input, context)) ?? null };
      } catch (error) {
        const payload = toErrorPayload(error);
        if (payload.code === 'INTERNAL') onDefect(call, error);
        return { error: payload };
      }
    },
  };
}

function badInput(call: string, what: string): EngineError {
  return new EngineError('BAD_INPUT', `The input of ${call} is wrong: ${what}.`);
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const field = issue.path?.map((item) => String(item.key).slice(0, 100)).join('.');
  const expected = issue.expected ?? 'something else';
  return `${field ? `${field} ` : ''}must be ${expected}, not ${issue.received.slice(0, 100)}`;
}

const RESERVED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Schemas step over reserved names instead of refusing them, and take a list for an object. Only called for what a schema
 * has passed, so the depth is the schema's.
 */
function isPlain(input: unknown, listAllowed = false): boolean {
  if (typeof input !== 'object' || input === null) return typeof input !== 'function';
  if (Array.isArray(input)) return listAllowed && input.every((inner) => isPlain(inner, true));
  return Object.entries(input).every(([key, inner]) => !RESERVED.has(key) && isPlain(inner, true));
}

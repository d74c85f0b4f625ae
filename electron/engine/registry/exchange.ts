import { networkError, timedOut } from './registry-error.ts';

/** How long to wait, in milliseconds. */
export interface Timing {
  /** For an answer to begin. */
  readonly answer: number;
  /** For the next bytes of a body. */
  readonly idle: number;
  /** Before asking again; doubled each time. */
  readonly backOff: number;
}

export const DEFAULT_TIMING: Timing = { answer: 30_000, idle: 30_000, backOff: 500 };

export interface Exchange {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Blob | string;
}

/**
 * One request and the beginning of its answer, whatever its status; redirects are not followed. Bodies come as they are
 * stored, never unpacked on the way. Fails with REGISTRY_* as networkError has it, or with an AbortError.
 */
export async function exchange(
  { method, url, headers, body }: Exchange,
  answerMs: number,
  signal?: AbortSignal,
): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(timedOut(url.host)), answerMs);
  try {
    return await fetch(url, {
      method,
      headers: { 'user-agent': 'slipway', 'accept-encoding': 'identity', ...headers },
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      ...(body === undefined ? {} : { body }),
    });
  } catch (error) {
    throw networkError(error, url.host);
  } finally {
    clearTimeout(timer);
  }
}

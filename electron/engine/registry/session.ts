import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '../base/errors.ts';
import { parseChallenge } from './challenge.ts';
import type { Credential } from './credentials.ts';
import type { Exchange, Timing } from './exchange.ts';
import { follow } from './follow.ts';
import { registryOrigin } from './origin.ts';
import { isTransient } from './registry-error.ts';
import { authorizationFor } from './token.ts';

export interface SessionOptions {
  /** As in a reference: `docker.io`, `localhost:5000`. */
  readonly domain: string;
  /** Asked once, when the registry first wants to know who is there. */
  readonly credential: () => Promise<Credential | undefined>;
  readonly timing: Timing;
}

export interface SessionRequest extends Omit<Exchange, 'url' | 'headers'> {
  /** `/v2/…`, or a place the registry has named. */
  readonly at: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Asked once only, where asking again would not mean the same. */
  readonly once?: boolean;
  /** Milliseconds until the answer must begin, where the body takes longer. */
  readonly answerMs?: number;
}

/** Talks with one registry about one repository; remembers what it is authorized with. */
export interface Session {
  readonly host: string;
  readonly timing: Timing;
  /**
   * The answer, whatever its status except those that mean `later` or `not you`. Fails with REGISTRY_UNREACHABLE,
   * REGISTRY_CONNECTION_LOST, REGISTRY_TIMEOUT, REGISTRY_BUSY, REGISTRY_DENIED, REGISTRY_INSECURE, or an AbortError.
   */
  send(request: SessionRequest, signal?: AbortSignal): Promise<Response>;
}

/** How often something is tried again. */
export const RETRIES = 3;
const MAX_WAIT = 30_000;

/** A session; nothing is sent before it is asked. */
export function createSession({ domain, credential, timing }: SessionOptions): Session {
  const origin = registryOrigin(domain);
  let asked: Promise<Credential | undefined> | undefined;
  let authorization: string | undefined;

  async function attempt(request: SessionRequest, signal: AbortSignal | undefined): Promise<Response> {
    const { at, headers = {}, method, body, answerMs = timing.answer } = request;
    const exchange = { method, url: new URL(at, origin), headers, ...(body === undefined ? {} : { body }) };
    const used = authorization;
    let response = await follow(exchange, origin, used, answerMs, signal);
    // What a redirect led to may not ask who is there.
    if (response.status === 401 && new URL(response.url).origin === origin) {
      // Another request may have got a fresh token meanwhile.
      if (authorization === used) authorization = await authorize(response, signal);
      void response.body?.cancel();
      if (authorization !== undefined)
        response = await follow(exchange, origin, authorization, answerMs, signal);
    }
    if (response.status === 401 || response.status === 403) throw denied(response);
    if (response.status === 408 || response.status === 429 || response.status >= 500) throw busy(response);
    return response;
  }

  async function authorize(response: Response, signal: AbortSignal | undefined): Promise<string | undefined> {
    const challenge = parseChallenge(response.headers.get('www-authenticate'));
    if (!challenge) throw denied(response);
    return authorizationFor(challenge, new URL(origin), await (asked ??= credential()), timing, signal);
  }

  function denied(response: Response): EngineError {
    void response.body?.cancel();
    return new EngineError('REGISTRY_DENIED', `${domain} does not allow this (status ${response.status}).`, {
      hint: `Check the name, or log in with "slipway login ${domain}".`,
    });
  }

  function busy(response: Response): EngineError {
    void response.body?.cancel();
    return new EngineError('REGISTRY_BUSY', `${domain} cannot answer now (status ${response.status}).`, {
      hint: 'Try again later.',
      cause: response.headers.get('retry-after') ?? undefined,
    });
  }

  return {
    host: domain,
    timing,
    async send(request, signal) {
      for (let retry = 0; ; retry++) {
        try {
          return await attempt(request, signal);
        } catch (error) {
          signal?.throwIfAborted();
          if (request.once || retry === RETRIES || !isTransient(error)) throw error;
          await pause(timing, retry, error, signal);
        }
      }
    },
  };
}

/** Waits before the next try: longer each time, and as long as the registry asks for, up to half a minute. */
export async function pause(
  timing: Timing,
  retry: number,
  error: unknown,
  signal?: AbortSignal,
): Promise<void> {
  const asked = error instanceof EngineError ? Number(error.cause ?? 0) * 1000 : 0;
  const wait = Math.max(timing.backOff * 2 ** retry, Number.isFinite(asked) ? asked : 0);
  await sleep(Math.min(wait, MAX_WAIT), undefined, signal ? { signal } : {});
}

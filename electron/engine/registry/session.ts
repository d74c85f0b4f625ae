import { EngineError } from '../base/errors.ts';
import type { Answer } from './answer.ts';
import { parseChallenge } from './challenge.ts';
import type { Credential } from './credentials.ts';
import { follow } from './follow.ts';
import { registryOrigin } from './origin.ts';
import { isTransient } from './registry-error.ts';
import { pause, RETRIES, type Timing } from './timing.ts';
import { authorizationFor } from './token.ts';
import type { Exchange, Transport } from './transport.ts';

export interface SessionOptions {
  /** As in a reference: `docker.io`, `localhost:5000`. */
  readonly domain: string;
  /** Whether the user has said that it has plain http only. */
  readonly insecure?: boolean;
  /** Asked once, when the registry first wants to know who is there. */
  readonly credential: () => Promise<Credential | undefined>;
  readonly transport: Transport;
}

export interface SessionRequest extends Omit<Exchange, 'url' | 'headers'> {
  /** `/v2/…`, or a place the registry has named. */
  readonly at: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Asked once only, where asking again would not mean the same. */
  readonly once?: boolean;
}

/** Talks with one registry about one repository; remembers what it is authorized with. */
export interface Session {
  readonly host: string;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly timing: Timing;
  /** Has tokens also cover this from now on, as `repository:NAME:pull`; a registry that has no tokens does not hear of it. */
  alsoWants(scope: string): void;
  /**
   * The answer, whatever its status except those that mean `later` or `not you`. Fails with REGISTRY_UNREACHABLE,
   * REGISTRY_CONNECTION_LOST, REGISTRY_TIMEOUT, REGISTRY_BUSY, REGISTRY_DENIED, REGISTRY_INSECURE, REGISTRY_UNTRUSTED,
   * REGISTRY_PROXY_*, or an AbortError.
   */
  send(request: SessionRequest, signal?: AbortSignal): Promise<Answer>;
}

/** A session; nothing is sent before it is asked. */
export function createSession({ domain, insecure, credential, transport }: SessionOptions): Session {
  const origin = registryOrigin(domain, insecure);
  const { timing } = transport;
  let asked: Promise<Credential | undefined> | undefined;
  let authorization: string | undefined;
  const scopes = new Set<string>();
  const meetings = new Map<string, Promise<string | undefined>>();

  async function attempt(request: SessionRequest, signal: AbortSignal | undefined): Promise<Answer> {
    const { at, headers = {}, method, body } = request;
    const exchange = { method, url: new URL(at, origin), headers, ...(body === undefined ? {} : { body }) };
    let used = authorization;
    let answer = await follow(transport, exchange, origin, used, signal);
    // What a redirect led to may not ask who is there.
    for (let turn = 0; turn < 2 && answer.status === 401 && answer.url.origin === origin; turn++) {
      // Another request may have got a token meanwhile, though perhaps one for less than this request needs.
      if (authorization === used) authorization = await authorize(answer, signal);
      if (authorization === used) break;
      answer.discard();
      used = authorization;
      answer = await follow(transport, exchange, origin, used, signal);
    }
    if (answer.status === 401 || answer.status === 403) throw denied(answer);
    if (answer.status === 408 || answer.status === 429 || isServerFault(answer)) throw busy(answer);
    return answer;
  }

  /** Requests that run into the same challenge at the same time wait for one answer to it. */
  async function authorize(answer: Answer, signal: AbortSignal | undefined): Promise<string | undefined> {
    const header = answer.header('www-authenticate');
    const challenge = parseChallenge(header);
    if (!challenge) throw denied(answer);
    const meet = async (): Promise<string | undefined> => {
      const known = await (asked ??= credential());
      return authorizationFor(transport, { challenge, scopes: [...scopes] }, new URL(origin), known, signal);
    };
    const meeting = meetings.get(header!) ?? meet().finally(() => meetings.delete(header!));
    meetings.set(header!, meeting);
    return meeting;
  }

  function denied(answer: Answer): EngineError {
    answer.discard();
    return new EngineError('REGISTRY_DENIED', `${domain} does not allow this (status ${answer.status}).`, {
      hint: `Check the name, or log in with "slipway login ${domain}".`,
    });
  }

  function busy(answer: Answer): EngineError {
    answer.discard();
    return new EngineError('REGISTRY_BUSY', `${domain} cannot answer now (status ${answer.status}).`, {
      hint: 'Try again later.',
      cause: answer.header('retry-after'),
    });
  }

  return {
    host: domain,
    origin,
    timing,
    alsoWants: (scope) => void scopes.add(scope),
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

/** 501 means never, not later. */
function isServerFault({ status }: Answer): boolean {
  return status >= 500 && status !== 501;
}

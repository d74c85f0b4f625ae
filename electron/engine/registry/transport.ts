import { Agent as HttpAgent, request as httpRequest, type AgentOptions, type ClientRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { answerOf, type Answer } from './answer.ts';
import type { Environment } from './credentials.ts';
import { isLoopback } from './origin.ts';
import { proxiesOf } from './proxy.ts';
import { networkError, timedOut } from './registry-error.ts';
import type { Timing } from './timing.ts';

export interface Exchange {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | FilePart;
}

/** Bytes of a file, from `start` up to but without `end`. */
export interface FilePart {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  /** Hears how many bytes went out, now and then. */
  readonly onSent?: (bytes: number) => void;
}

/** Connections to registries, kept for the next request; each request stands for itself. */
export interface Transport {
  readonly timing: Timing;
  /**
   * One request and the beginning of its answer, whatever its status; redirects are not followed. Fails with REGISTRY_* as
   * networkError has it, with REGISTRY_PROXY_INVALID, or with an AbortError.
   */
  exchange(request: Exchange, signal?: AbortSignal): Promise<Answer>;
}

/**
 * Goes through the proxies that `environment` names, except to this machine. Certificates are those that Node trusts, and
 * those that this machine does. Idle connections do not keep the process alive.
 */
export function createTransport(environment: Environment, timing: Timing): Transport {
  const agents = new Map<string, HttpAgent>();
  let trusted: SecureContext | undefined;

  function agentFor(url: URL): HttpAgent {
    const direct = isLoopback(url.hostname);
    const key = `${url.protocol}${direct}`;
    const known = agents.get(key);
    if (known) return known;
    const proxyEnv = direct ? undefined : proxiesOf(environment);
    const options: AgentOptions = { keepAlive: true, ...(proxyEnv ? { proxyEnv } : {}) };
    // Made once: reading all certificates again for each connection would take longer than the connection.
    const secure = (): SecureContext =>
      (trusted ??= createSecureContext({
        ca: [...new Set([...getCACertificates('default'), ...systemCertificates()])],
      }));
    const agent =
      url.protocol === 'https:'
        ? new HttpsAgent({ ...options, secureContext: secure() })
        : new HttpAgent(options);
    agents.set(key, agent);
    return agent;
  }

  return {
    timing,
    async exchange(request, signal) {
      signal?.throwIfAborted();
      const { url } = request;
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const { method, headers, body } = request;
      const sent = send(url, {
        method,
        agent: agentFor(url),
        headers: {
          'user-agent': 'slipway',
          'accept-encoding': 'identity',
          ...(typeof body === 'object' ? { 'content-length': String(body.end - body.start) } : {}),
          ...headers,
        },
        ...(signal ? { signal } : {}),
      });
      return answered(sent, request, timing, signal);
    },
  };
}

/** Electron has another TLS library than Node, which need not know of them. */
function systemCertificates(): readonly string[] {
  try {
    return getCACertificates('system');
  } catch {
    return [];
  }
}

function answered(
  sent: ClientRequest,
  { url, body }: Exchange,
  timing: Timing,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => sent.destroy(timedOut(url.host)), timing.answer);
    sent.on('response', (message) => {
      clearTimeout(timer);
      // A registry that has answered early wants no more of the body, and no further request after half of one.
      if (!sent.writableFinished) message.once('close', () => sent.destroy());
      resolve(answerOf(message, url, timing.idle, signal));
    });
    sent.on('error', (error) => {
      clearTimeout(timer);
      reject(signal?.aborted ? signal.reason : networkError(error, url.host));
    });
    if (typeof body !== 'object') sent.end(body);
    else void sendFile(sent, body, () => timer.refresh());
  });
}

/** Failures show as the request's own. */
async function sendFile(
  sent: ClientRequest,
  { path, start, end, onSent }: FilePart,
  onProgress: () => void,
): Promise<void> {
  if (end <= start) return void sent.end();
  const file = createReadStream(path, { start, end: end - 1, highWaterMark: 256 * 1024 });
  const told = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      yield chunk;
      onProgress();
      onSent?.(chunk.length);
    }
  };
  await pipeline(file, told, sent).catch(() => undefined);
}

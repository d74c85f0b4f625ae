import { EngineError } from '../base/errors.ts';
import { quoteForMessage } from '../base/go-quote.ts';
import type { Answer } from './answer.ts';
import { isAllowed } from './origin.ts';
import { badAnswer } from './registry-error.ts';
import type { Exchange, Transport } from './transport.ts';

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * As {@link Transport}'s `exchange`, with the redirects of reading requests followed. `authorization` is sent to `origin`
 * alone. Fails with REGISTRY_INSECURE where a redirect leads away from TLS.
 */
export async function follow(
  transport: Transport,
  request: Exchange,
  origin: string,
  authorization: string | undefined,
  signal?: AbortSignal,
): Promise<Answer> {
  let url = request.url;
  for (let count = 0; ; count++) {
    const trusted = authorization !== undefined && url.origin === origin;
    const headers = trusted ? { ...request.headers, authorization } : request.headers;
    const answer = await transport.exchange({ ...request, url, headers }, signal);
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (!REDIRECTS.includes(answer.status) || !reads) return answer;
    answer.discard();
    if (count === MAX_REDIRECTS) throw badAnswer(url.host, `redirects more than ${MAX_REDIRECTS} times`);
    url = checkStep(url, answer.header('location'), origin);
  }
}

/** The URL that an answer's `Location` leads to. Fails with REGISTRY_ANSWER_INVALID or REGISTRY_INSECURE. */
export function checkStep(from: URL, location: string | undefined, origin: string): URL {
  const to = location === undefined ? null : URL.parse(location, from);
  if (!to) throw badAnswer(from.host, 'names no place to go on at');
  const safe = to.protocol === 'https:' || (from.protocol === 'http:' && isAllowed(to, origin));
  if (safe && to.username === '' && to.password === '') return to;
  const shown = quoteForMessage(`${to.protocol}//${to.host}`);
  throw new EngineError('REGISTRY_INSECURE', `${from.host} redirects to ${shown}, which is not safe.`, {
    hint: 'Nothing was sent there.',
  });
}

import * as v from 'valibot';
import { EngineError } from '../base/errors.ts';
import { quoteForMessage } from '../base/go-quote.ts';
import { parseStrictJson } from '../image/strict-json.ts';
import { readBody } from './answer.ts';
import type { Challenge } from './challenge.ts';
import type { Credential } from './credentials.ts';
import { isAllowed, isSameSite } from './origin.ts';
import { badAnswer } from './registry-error.ts';
import type { Transport } from './transport.ts';

const schema = v.object({ token: v.optional(v.string()), access_token: v.optional(v.string()) });
const MAX_TOKEN = 64 * 1024;

/**
 * The `Authorization` header that meets a challenge (distribution spec, token authentication), for `scopes` too; undefined for Basic where
 * there is no password. A password goes to the registry itself, or to a token service of the same site, over TLS, on this
 * machine, or to a registry that the user has marked as insecure. Fails with REGISTRY_INSECURE, REGISTRY_DENIED, or as exchanges do. No message holds password or token.
 */
export async function authorizationFor(
  transport: Transport,
  { challenge, scopes }: { readonly challenge: Challenge; readonly scopes: readonly string[] },
  registry: URL,
  credential: Credential | undefined,
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (challenge.scheme === 'basic') return credential && basic(credential);
  const realm = checkRealm(challenge.parameters['realm'], registry, credential !== undefined);
  for (const name of ['service', 'scope']) {
    const value = challenge.parameters[name];
    if (value !== undefined) realm.searchParams.set(name, value);
  }
  for (const scope of scopes) realm.searchParams.append('scope', scope);
  const headers: Record<string, string> = credential ? { authorization: basic(credential) } : {};
  const answer = await transport.exchange({ method: 'GET', url: realm, headers }, signal);
  const host = realm.host;
  if (answer.status !== 200) {
    answer.discard();
    throw new EngineError('REGISTRY_DENIED', `${host} gave no token (status ${answer.status}).`, {
      hint: `Log in with "slipway login ${registry.host}".`,
    });
  }
  const tooLarge = (): EngineError => badAnswer(host, `sent a token of more than ${MAX_TOKEN} bytes`);
  const bytes = await readBody(answer, MAX_TOKEN, tooLarge);
  const label = { name: `The token of ${host}`, code: 'REGISTRY_ANSWER_INVALID' };
  const result = v.safeParse(schema, parseStrictJson(bytes, label));
  const token = result.success ? (result.output.token ?? result.output.access_token) : undefined;
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token)) throw badAnswer(host, 'sent no usable token');
  return `Bearer ${token}`;
}

function checkRealm(text: string | undefined, registry: URL, withPassword: boolean): URL {
  const realm = URL.parse(text ?? '');
  if (!realm) throw badAnswer(registry.host, 'asks for a token, but does not say where to get it');
  const shown = quoteForMessage(`${realm.protocol}//${realm.host}`);
  const fits = isAllowed(realm, registry.origin) && !realm.username;
  if (!fits) {
    throw new EngineError(
      'REGISTRY_INSECURE',
      `${registry.host} wants its token from ${shown}, without TLS.`,
      {
        hint: 'Nothing was sent there.',
      },
    );
  }
  if (withPassword && !isSameSite(realm.hostname, registry.hostname)) {
    throw new EngineError('REGISTRY_INSECURE', `${registry.host} wants your password sent to ${shown}.`, {
      hint: 'Nothing was sent there. Log out of this registry to ask without a password.',
    });
  }
  return realm;
}

function basic({ username, password }: Credential): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

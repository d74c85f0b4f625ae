import { EngineError } from '../base/errors.ts';
import { quoteForMessage } from '../base/go-quote.ts';
import { parseReference } from '../image/reference.ts';
import { tellHelper } from './credential-helper.ts';
import { helperFor, readDockerConfig, serverName, type Credential, type Environment } from './credentials.ts';
import { DEFAULT_TIMING } from './exchange.ts';
import { badAnswer } from './registry-error.ts';
import { createSession } from './session.ts';
import { writeDockerConfig } from './write-docker-config.ts';

/**
 * Checks a password with the registry, then keeps it as docker does: with the credential helper of config.json, or in that
 * file, which only its owner can read. Fails with REGISTRY_*, and then keeps nothing.
 */
export async function logIn(
  domain: string,
  credential: Credential,
  environment: Environment,
  signal?: AbortSignal,
): Promise<void> {
  const server = checkDomain(domain);
  const config = await readDockerConfig(environment);
  const helper = helperFor(config, server);
  const timing = DEFAULT_TIMING;
  const session = createSession({ domain: server, credential: () => Promise.resolve(credential), timing });
  const response = await session.send({ method: 'GET', at: '/v2/' }, signal);
  void response.body?.cancel();
  if (response.status !== 200)
    throw badAnswer(server, `answered status ${response.status}: it is no registry`);
  const { username, password } = credential;
  if (helper !== undefined) {
    const entry = { ServerURL: serverName(server), Username: username, Secret: password };
    return tellHelper(helper, 'store', JSON.stringify(entry), environment, signal);
  }
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  await writeDockerConfig(environment, {
    ...config,
    auths: { ...config.auths, [serverName(server)]: { auth } },
  });
}

/** Forgets a password; answers whether there was one. Fails with REGISTRY_CONFIG_INVALID or REGISTRY_HELPER_FAILED. */
export async function logOut(
  domain: string,
  environment: Environment,
  signal?: AbortSignal,
): Promise<boolean> {
  const server = checkDomain(domain);
  const config = await readDockerConfig(environment);
  const helper = helperFor(config, server);
  if (helper !== undefined) {
    await tellHelper(helper, 'erase', serverName(server), environment, signal);
    return true;
  }
  const { [serverName(server)]: entry, ...auths } = config.auths ?? {};
  if (entry === undefined) return false;
  await writeDockerConfig(environment, { ...config, auths });
  return true;
}

function checkDomain(text: string): string {
  const host = text.replace(/^https:\/\//, '').replace(/\/$/, '');
  const { domain } = parseReference(`${host}/name`);
  if (domain === host || host === 'index.docker.io') return domain;
  throw new EngineError('REFERENCE_INVALID', `${quoteForMessage(text)} is not the host of a registry.`, {
    hint: 'Write it as host or host:port.',
  });
}

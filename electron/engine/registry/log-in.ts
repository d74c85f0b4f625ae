import { EngineError } from '../base/errors.ts';
import { quoteForMessage } from '../base/go-quote.ts';
import { parseReference } from '../image/reference.ts';
import { tellHelper } from './credential-helper.ts';
import { helperFor, readDockerConfig, serverName, type Credential, type Environment } from './credentials.ts';
import { badAnswer } from './registry-error.ts';
import { readSettings, settingsFor } from './settings.ts';
import { createSession } from './session.ts';
import { DEFAULT_TIMING } from './timing.ts';
import { createTransport } from './transport.ts';
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
  const { insecure } = settingsFor(await readSettings(environment), server);
  const session = createSession({
    domain: server,
    insecure,
    credential: () => Promise.resolve(credential),
    transport: createTransport(environment, DEFAULT_TIMING),
  });
  const answer = await session.send({ method: 'GET', at: '/v2/' }, signal);
  answer.discard();
  if (answer.status !== 200) throw badAnswer(server, `answered status ${answer.status}: it is no registry`);
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

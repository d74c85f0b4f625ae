import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { EngineError } from '../base/errors.ts';
import { callHelper, checkHelperName } from './credential-helper.ts';

export interface Credential {
  readonly username: string;
  readonly password: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const text = v.optional(v.string());
const schema = v.looseObject({
  auths: v.optional(v.record(v.string(), v.looseObject({ auth: text, username: text, password: text }))),
  credHelpers: v.optional(v.record(v.string(), v.string())),
  credsStore: text,
});

export type DockerConfig = v.InferOutput<typeof schema>;

/** Under which name Docker keeps the password of a reference's domain. */
export function serverName(domain: string): string {
  return domain === 'docker.io' ? 'https://index.docker.io/v1/' : domain;
}

/** `config.json` of $DOCKER_CONFIG or ~/.docker. */
export function configPath(environment: Environment): string {
  return join(
    environment['DOCKER_CONFIG'] || join(environment['HOME'] || homedir(), '.docker'),
    'config.json',
  );
}

/** Docker's configuration; empty where there is none. Fails with REGISTRY_CONFIG_INVALID; its content is in no message. */
export async function readDockerConfig(environment: Environment): Promise<DockerConfig> {
  const path = configPath(environment);
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw invalid(path, 'is not valid JSON');
  }
  const result = v.safeParse(schema, value);
  if (!result.success) throw invalid(path, 'does not have the form of Docker’s config.json');
  return result.output;
}

/** Which credential helper keeps the password of `domain`; undefined where the file itself does. */
export function helperFor(config: DockerConfig, domain: string): string | undefined {
  const helpers = config.credHelpers ?? {};
  const own = [domain, serverName(domain)].find((key) => Object.hasOwn(helpers, key));
  const name = own === undefined ? config.credsStore : helpers[own];
  return name ? checkHelperName(name) : undefined;
}

/**
 * The user's password for a registry, from Docker's configuration or the helper it names; undefined where there is none.
 * Fails with REGISTRY_CONFIG_INVALID or REGISTRY_HELPER_FAILED.
 */
export async function findCredential(
  domain: string,
  environment: Environment,
  signal?: AbortSignal,
): Promise<Credential | undefined> {
  const config = await readDockerConfig(environment);
  const helper = helperFor(config, domain);
  if (helper !== undefined) return callHelper(helper, serverName(domain), environment, signal);
  const auths = config.auths ?? {};
  const key = Object.keys(auths).find((name) => hostOf(name) === hostOf(serverName(domain)));
  const entry = key === undefined ? undefined : auths[key]!;
  if (entry?.username && entry.password) return { username: entry.username, password: entry.password };
  if (!entry?.auth) return undefined;
  const decoded = Buffer.from(entry.auth, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon <= 0) throw invalid(configPath(environment), `has a password for ${domain} that cannot be read`);
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, '') };
}

/** Docker writes keys as host, or as a URL of it. */
function hostOf(name: string): string {
  return name.replace(/^https?:\/\//, '').split('/', 1)[0]!;
}

function invalid(path: string, says: string): EngineError {
  return new EngineError('REGISTRY_CONFIG_INVALID', `${path} ${says}.`, {
    hint: 'Mend it, or log in again with "slipway login".',
  });
}

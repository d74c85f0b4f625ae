import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import * as v from 'valibot';
import { EngineError } from '../base/errors.ts';
import { quoteForMessage } from '../base/go-quote.ts';
import { parseReference } from '../image/reference.ts';
import type { Environment } from './credentials.ts';
import { isLoopback } from './origin.ts';

/** Where images of a registry are looked for before the registry itself is asked. */
export interface Mirror {
  /** Host, with the port where there is one. */
  readonly domain: string;
  /** What stands before the repository's name there, `/` at its end; empty for most. */
  readonly prefix: string;
}

export interface RegistrySettings {
  readonly mirrors: readonly Mirror[];
  /** Plain http, without TLS. */
  readonly insecure: boolean;
}

export type Settings = ReadonlyMap<string, RegistrySettings>;

const registrySchema = v.strictObject({
  mirrors: v.optional(v.array(v.string()), []),
  insecure: v.optional(v.boolean(), false),
});
const schema = v.strictObject({ registries: v.optional(v.record(v.string(), registrySchema), {}) });

const NONE: RegistrySettings = { mirrors: [], insecure: false };

/** `slipway/settings.json` in $XDG_CONFIG_HOME or ~/.config. */
export function settingsPath(environment: Environment): string {
  const given = environment['XDG_CONFIG_HOME'];
  const config = given && isAbsolute(given) ? given : join(environment['HOME'] || homedir(), '.config');
  return join(config, 'slipway', 'settings.json');
}

/**
 * The user's settings for registries, by domain; empty where there is no file. Fails with SETTINGS_INVALID, which names the
 * file and the key.
 */
export async function readSettings(environment: Environment): Promise<Settings> {
  const path = settingsPath(environment);
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new EngineError('SETTINGS_INVALID', `${path} is not valid JSON.`, { cause: error });
  }
  const result = v.safeParse(schema, value);
  if (!result.success) {
    const [issue] = result.issues;
    const keys = (issue.path ?? []).map((item) => String(item.key));
    throw invalid(path, keys, issue.expected === 'never' ? 'is not known' : `must be ${issue.expected}`);
  }
  const { registries } = result.output;
  const insecure = (domain: string): boolean => registries[domain]?.insecure === true;
  return new Map(
    Object.entries(registries).map(([domain, given]) => {
      if (!isDomain(domain)) throw invalid(path, ['registries', domain], 'is not the host of a registry');
      const mirrors = given.mirrors.map((text, index) => {
        const mirror = readMirror(text, insecure);
        if (typeof mirror !== 'string') return mirror;
        throw invalid(path, ['registries', domain, 'mirrors', String(index)], mirror);
      });
      return [domain, { mirrors, insecure: given.insecure }] as const;
    }),
  );
}

/** What is set for one registry. */
export function settingsFor(settings: Settings, domain: string): RegistrySettings {
  return settings.get(domain) ?? NONE;
}

/** A mirror's address, or what is wrong with it. */
function readMirror(text: string, isInsecure: (domain: string) => boolean): Mirror | string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return 'must be an address such as https://mirror.example';
  if (url.username || url.password || url.search || url.hash)
    return 'must be an address without a password and without "?" and "#"';
  const plain = url.protocol === 'http:';
  if (plain && !isLoopback(url.hostname) && !isInsecure(url.host))
    return `has plain http, which "registries" must allow with "${url.host}": { "insecure": true }`;
  if (!plain && (isLoopback(url.hostname) || isInsecure(url.host)))
    return 'has https, but that registry is spoken to in plain http';
  const prefix = url.pathname.replace(/^\/|\/$/g, '');
  return { domain: url.host, prefix: prefix === '' ? '' : `${prefix}/` };
}

function isDomain(text: string): boolean {
  try {
    return parseReference(`${text}/name`).domain === text;
  } catch {
    return false;
  }
}

function invalid(path: string, keys: readonly string[], says: string): EngineError {
  const key = quoteForMessage(keys.join('.'));
  return new EngineError('SETTINGS_INVALID', `In ${path}, ${key} ${says}.`, {
    hint: 'It holds { "registries": { "docker.io": { "mirrors": ["https://mirror.example"], "insecure": false } } }.',
  });
}

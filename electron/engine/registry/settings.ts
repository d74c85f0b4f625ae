import { readSettingsFile, settingInvalid } from '../base/settings-file.ts';
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

const NONE: RegistrySettings = { mirrors: [], insecure: false };

/**
 * The user's settings for registries, by domain; empty where there is no file. Fails with SETTINGS_INVALID, which names the
 * file and the key.
 */
export async function readSettings(environment: Environment): Promise<Settings> {
  const { registries } = await readSettingsFile(environment);
  const insecure = (domain: string): boolean => registries[domain]?.insecure === true;
  return new Map(
    Object.entries(registries).map(([domain, given]) => {
      if (!isDomain(domain))
        throw settingInvalid(environment, ['registries', domain], 'is not the host of a registry');
      const mirrors = given.mirrors.map((text, index) => {
        const mirror = readMirror(text, insecure);
        if (typeof mirror !== 'string') return mirror;
        throw settingInvalid(environment, ['registries', domain, 'mirrors', String(index)], mirror);
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

import { posix } from 'node:path';
import type { Healthcheck, ImageConfig, Platform, RunConfig } from './oci.ts';

/**
 * Edits of an image's config, one per instruction, as BuildKit's Dockerfile frontend makes them. Each takes a config and
 * answers a new one; values are already expanded and checked.
 */

interface Pair {
  readonly key: string;
  readonly value: string;
}

const UNIX_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const WINDOWS_PATH = 'c:\\Windows\\System32;c:\\Windows';

/** PATH where an image sets none. */
export function defaultPath(os: string): string {
  return os === 'windows' ? WINDOWS_PATH : UNIX_PATH;
}

/** The config FROM scratch starts with: a PATH and the root as working directory. */
export function emptyConfig(platform: Platform): ImageConfig {
  return {
    ...platform,
    config: { Env: [`PATH=${defaultPath(platform.os)}`], WorkingDir: '/' },
    rootfs: { type: 'layers', diff_ids: [] },
    history: [],
  };
}

/** The config with the default PATH appended where Env has none; BuildKit keeps it in the image it builds. */
export function withDefaultPath(config: RunConfig, os: string): RunConfig {
  const has = config.Env?.some((entry) => envName(entry) === 'PATH') ?? false;
  return has || os === 'windows' ? config : setEnv(config, [{ key: 'PATH', value: defaultPath(os) }]);
}

/** ENV: a name that is there keeps its place and gets the new value; others are appended. */
export function setEnv(config: RunConfig, pairs: readonly Pair[]): RunConfig {
  const env = [...(config.Env ?? [])];
  for (const { key, value } of pairs) {
    const entry = `${key}=${value}`;
    const at = env.findIndex((existing) => envName(existing) === key);
    if (at < 0) env.push(entry);
    else env[at] = entry;
  }
  return { ...config, Env: env };
}

/** Env as names and values in order; an entry without `=` has the empty value, and the first of equal names counts. */
export function envOf(config: RunConfig | undefined): ReadonlyMap<string, string> {
  const env = new Map<string, string>();
  for (const entry of config?.Env ?? []) {
    const name = envName(entry);
    if (!env.has(name)) env.set(name, entry.slice(name.length + 1));
  }
  return env;
}

/** LABEL, and `--label`. */
export function setLabels(config: RunConfig, pairs: readonly Pair[]): RunConfig {
  return {
    ...config,
    Labels: merged(
      config.Labels,
      pairs.map(({ key, value }) => [key, value] as const),
    ),
  };
}

/** EXPOSE; ports as `80/tcp`. */
export function addPorts(config: RunConfig, ports: readonly string[]): RunConfig {
  return {
    ...config,
    ExposedPorts: merged(
      config.ExposedPorts,
      ports.map((port) => [port, {}] as const),
    ),
  };
}

/** VOLUME. */
export function addVolumes(config: RunConfig, paths: readonly string[]): RunConfig {
  return {
    ...config,
    Volumes: merged(
      config.Volumes,
      paths.map((path) => [path, {}] as const),
    ),
  };
}

/** CMD; an empty list clears it. ArgsEscaped is set as BuildKit sets it. */
export function setCmd(config: RunConfig, words: readonly string[]): RunConfig {
  return { ...config, Cmd: words, ArgsEscaped: true };
}

/** ENTRYPOINT; an empty list clears it. The CMD that was inherited goes, unless this stage has set one (`keepCmd`). */
export function setEntrypoint(config: RunConfig, words: readonly string[], keepCmd: boolean): RunConfig {
  const { Cmd, ...rest } = config;
  return { ...rest, ...(keepCmd && Cmd !== undefined ? { Cmd } : {}), Entrypoint: words };
}

/** SHELL. */
export function setShell(config: RunConfig, words: readonly string[]): RunConfig {
  return { ...config, Shell: words };
}

/** The words of a shell-form command: the shell in force and the text as its last argument. */
export function shellCommand(config: RunConfig, os: string, text: string): readonly string[] {
  const shell = config.Shell?.length
    ? config.Shell
    : os === 'windows'
      ? ['cmd', '/S', '/C']
      : ['/bin/sh', '-c'];
  return [...shell, text];
}

/** USER, as written. */
export function setUser(config: RunConfig, user: string): RunConfig {
  return { ...config, User: user };
}

/** WORKDIR; the path is absolute already, see {@link resolveWorkdir}. */
export function setWorkdir(config: RunConfig, path: string): RunConfig {
  return { ...config, WorkingDir: path };
}

/** Where WORKDIR `path` leads: absolute and cleaned, a relative path joined to the directory before. */
export function resolveWorkdir(config: RunConfig, path: string): string {
  return posix.resolve('/', config.WorkingDir ?? '/', path);
}

/** STOPSIGNAL, as written. */
export function setStopSignal(config: RunConfig, signal: string): RunConfig {
  return { ...config, StopSignal: signal };
}

/** HEALTHCHECK replaces what was inherited as a whole; zero durations mean a container's default. */
export function setHealthcheck(config: RunConfig, healthcheck: Healthcheck): RunConfig {
  return { ...config, Healthcheck: healthcheck };
}

/** ONBUILD. */
export function addOnbuild(config: RunConfig, trigger: string): RunConfig {
  return { ...config, OnBuild: [...(config.OnBuild ?? []), trigger] };
}

/** The config without the triggers it carried: they have run. */
export function clearOnbuild(config: RunConfig): RunConfig {
  const { OnBuild: _, ...rest } = config;
  return rest;
}

function envName(entry: string): string {
  const equals = entry.indexOf('=');
  return equals < 0 ? entry : entry.slice(0, equals);
}

/** Entries rather than assignment, so that a key such as `__proto__` is a key like any other. */
function merged<Value>(
  before: Readonly<Record<string, Value>> | undefined,
  entries: readonly (readonly [string, Value])[],
): Record<string, Value> {
  return Object.fromEntries([...Object.entries(before ?? {}), ...entries]);
}

import { goQuoteList } from '../base/go-quote.ts';
import type { Healthcheck, HistoryEntry } from './oci.ts';

/**
 * What an image's history says about each instruction, word for word as BuildKit's Dockerfile frontend writes it, from
 * expanded values. ONBUILD leaves no entry.
 */

interface Pair {
  readonly key: string;
  readonly value: string;
}

export interface CopyText {
  readonly instruction: 'COPY' | 'ADD';
  readonly sources: readonly string[];
  /** Names of inline files (heredocs). */
  readonly inline?: readonly string[];
  readonly destination: string;
  readonly parents?: boolean;
  readonly chown?: string | undefined;
  readonly chmod?: string | undefined;
}

const COMMENT = 'buildkit.dockerfile.v0';

/** An entry without its time, which {@link commitImage} fills in. `layer` says whether the step has one in the image. */
export function historyEntry(createdBy: string, layer: boolean): HistoryEntry {
  return { created_by: createdBy, comment: COMMENT, ...(layer ? {} : { empty_layer: true }) };
}

/** `ENV A=b C=d`. */
export function envText(pairs: readonly Pair[]): string {
  return `ENV ${pairsText(pairs)}`;
}

/** `LABEL a=b`. */
export function labelText(pairs: readonly Pair[]): string {
  return `LABEL ${pairsText(pairs)}`;
}

/** `ARG A=1 B`; a value is left out where there is none. */
export function argText(
  args: readonly { readonly name: string; readonly value?: string | undefined }[],
): string {
  return `ARG ${args.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`)).join(' ')}`;
}

/** `CMD ["a" "b"]`, the shell's words included. */
export function cmdText(words: readonly string[]): string {
  return `CMD ${goQuoteList(words)}`;
}

/** `ENTRYPOINT ["a" "b"]`. */
export function entrypointText(words: readonly string[]): string {
  return `ENTRYPOINT ${goQuoteList(words)}`;
}

/** `EXPOSE [80/tcp 443/tcp]`. */
export function exposeText(ports: readonly string[]): string {
  return `EXPOSE [${ports.join(' ')}]`;
}

/** `VOLUME [/a /b]`. */
export function volumeText(paths: readonly string[]): string {
  return `VOLUME [${paths.join(' ')}]`;
}

/** `SHELL [/bin/bash -c]`. */
export function shellText(words: readonly string[]): string {
  return `SHELL [${words.join(' ')}]`;
}

/** `USER app`. */
export function userText(user: string): string {
  return `USER ${user}`;
}

/** `WORKDIR /app`, the absolute path. */
export function workdirText(path: string): string {
  return `WORKDIR ${path}`;
}

/** `STOPSIGNAL SIGINT`. */
export function stopSignalText(signal: string): string {
  return `STOPSIGNAL ${signal}`;
}

/** `MAINTAINER name`. */
export function maintainerText(author: string): string {
  return `MAINTAINER ${author}`;
}

/** `HEALTHCHECK {Test:[CMD-SHELL x] Interval:30s Timeout:0s StartPeriod:0s StartInterval:0s Retries:3}`. */
export function healthcheckText(check: Healthcheck): string {
  const fields = [
    `Test:[${(check.Test ?? []).join(' ')}]`,
    `Interval:${goDurationText(check.Interval ?? 0)}`,
    `Timeout:${goDurationText(check.Timeout ?? 0)}`,
    `StartPeriod:${goDurationText(check.StartPeriod ?? 0)}`,
    `StartInterval:${goDurationText(check.StartInterval ?? 0)}`,
    `Retries:${check.Retries ?? 0}`,
  ];
  return `HEALTHCHECK {${fields.join(' ')}}`;
}

/**
 * `RUN /bin/sh -c x # buildkit`, with `|2 A=1 B=2 ` before the words where ARGs are declared: in order of declaration, a
 * name that comes twice in its first place with its last value.
 */
export function runText(words: readonly string[], args: readonly Pair[]): string {
  const declared = new Map(args.map(({ key, value }) => [key, value]));
  const prefix =
    declared.size === 0
      ? []
      : [`|${declared.size}`, ...[...declared].map(([key, value]) => `${key}=${value}`)];
  return `RUN ${[...prefix, ...words].join(' ')} # buildkit`;
}

/** `COPY --chown=1:1 a b /dst # buildkit`; of the flags only --parents, --chown and --chmod are shown. */
export function copyText(copy: CopyText): string {
  const words = [
    copy.instruction,
    ...(copy.parents ? ['--parents'] : []),
    ...(copy.chown ? [`--chown=${copy.chown}`] : []),
    ...(copy.chmod ? [`--chmod=${copy.chmod}`] : []),
    ...copy.sources,
    ...(copy.inline ?? []).map((name) => `<<${name}`),
    copy.destination,
  ];
  return `${words.join(' ')} # buildkit`;
}

/** Nanoseconds as Go's `time.Duration` prints them: `1m30s`, `1.5s`, `0s`. */
export function goDurationText(nanoseconds: number): string {
  const total = Math.abs(nanoseconds);
  const sign = nanoseconds < 0 ? '-' : '';
  if (total === 0) return '0s';
  if (total < 1e3) return `${sign}${total}ns`;
  if (total < 1e6) return `${sign}${fraction(total, 1e3)}µs`;
  if (total < 1e9) return `${sign}${fraction(total, 1e6)}ms`;
  const minutes = Math.floor(total / 60e9);
  const seconds = `${fraction(total - minutes * 60e9, 1e9)}s`;
  if (minutes === 0) return sign + seconds;
  if (minutes < 60) return `${sign}${minutes}m${seconds}`;
  return `${sign}${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}

function pairsText(pairs: readonly Pair[]): string {
  return pairs.map(({ key, value }) => `${key}=${value}`).join(' ');
}

/** `count` in units of `unit`, with exactly the decimals it needs: no rounding, so by whole numbers. */
function fraction(count: number, unit: number): string {
  const rest = count % unit;
  if (rest === 0) return String(count / unit);
  const decimals = String(rest).padStart(String(unit).length - 1, '0');
  return `${Math.floor(count / unit)}.${decimals.replace(/0+$/, '')}`;
}

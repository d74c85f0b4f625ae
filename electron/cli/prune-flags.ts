import { parseBytes } from '../../shared/bytes.ts';
import type { StoragePolicy } from '../../shared/storage.ts';
import { EVERYTHING, rulesOf, type PruneRules } from '../engine/storage.ts';
import { flagInvalid } from './flag-fields.ts';

export interface PruneFlags {
  readonly all?: boolean;
  readonly filter: readonly string[];
  readonly maxSize?: string;
  readonly keepDays?: string;
}

const DAY_MS = 86_400_000;
const UNITS: Readonly<Record<string, number>> = { d: DAY_MS, h: 3_600_000, m: 60_000, s: 1000 };

/**
 * What `slipway prune` is asked to remove. A flag stands in for the same setting of `policy`; `--all` and `until` leave the settings
 * aside. Images without a name always go, as in docker. Fails with FLAG_INVALID.
 */
export function parsePrune(flags: PruneFlags, policy: StoragePolicy, now: Date): PruneRules {
  const maxSize = flags.maxSize === undefined ? undefined : readSize(flags.maxSize);
  const keepDays = flags.keepDays === undefined ? undefined : readDays(flags.keepDays);
  const until = readUntil(flags.filter, now);
  const kept = keepDays === undefined ? undefined : now.getTime() - keepDays * DAY_MS;
  if (flags.all) return { ...EVERYTHING, unusedSince: kept ?? Infinity, before: until, maxSize };
  if (until !== undefined) return { untagged: true, unusedSince: until, before: until, maxSize };
  const given = {
    ...policy,
    ...(maxSize === undefined ? {} : { maxSize }),
    ...(keepDays === undefined ? {} : { keepDays }),
  };
  return { ...rulesOf(given, now), untagged: true };
}

function readSize(text: string): number {
  const bytes = parseBytes(text);
  if (bytes !== undefined) return bytes;
  throw flagInvalid(`--max-size "${text}" is not a size.`, 'Write for example --max-size 20GB.');
}

function readDays(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw flagInvalid(`--keep-days "${text}" is not a number of days.`, 'Write for example --keep-days 7.');
}

/** The time before which things must have been used last, milliseconds since 1970. */
function readUntil(filters: readonly string[], now: Date): number | undefined {
  let until: number | undefined;
  for (const filter of filters) {
    const [, text] = /^until=(.+)$/.exec(filter) ?? [];
    const time = text === undefined ? undefined : readTime(text, now);
    if (time === undefined) {
      throw flagInvalid(
        `--filter "${filter}" is not known.`,
        'It knows until=24h, until=10d and until=2026-01-31T12:00:00Z.',
      );
    }
    until = Math.min(until ?? Infinity, time);
  }
  return until;
}

/** A span as `1h30m`, seconds since 1970, or a date, as docker reads them; and `10d`. */
function readTime(text: string, now: Date): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (/^(\d+[dhms])+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+)([dhms])/g)];
    return now.getTime() - parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0);
  }
  const date = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? undefined : date;
}

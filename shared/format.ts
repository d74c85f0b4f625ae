/** How sizes, times and names are written, the same in the window and in the terminal. */

const BYTE_UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes with decimal units and three significant digits: `0 B`, `999 B`, `1.23 kB`, `45.6 MB`. Not a number: `–`. */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined || !Number.isFinite(bytes) || bytes < 0) return '–';
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  let value = bytes / 1000;
  let unit = 0;
  // 999.5 would be written as 1000: it belongs to the next unit.
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${threeDigits(value)} ${BYTE_UNITS[unit]}`;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** Milliseconds as a person would say it: `12 ms`, `0.4 s`, `12.3 s`, `2 min 05 s`, `1 h 02 min`. Not a number: `–`. */
export function formatDuration(milliseconds: number | undefined): string {
  if (milliseconds === undefined || !Number.isFinite(milliseconds)) return '–';
  const ms = Math.max(0, milliseconds);
  if (ms < 99.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * How long ago `time` was at `now` (both milliseconds since 1970): `just now`, `5 min ago`, `3 h ago`, `2 days ago`, and
 * the date in ISO form (UTC) after a month. A time in the future is `just now`.
 */
export function formatRelative(time: number, now: number): string {
  const age = now - time;
  if (!Number.isFinite(age)) return '–';
  if (age < MINUTE) return 'just now';
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  if (age < DAY) return `${Math.floor(age / HOUR)} h ago`;
  if (age < 2 * DAY) return 'yesterday';
  if (age < 31 * DAY) return `${Math.floor(age / DAY)} days ago`;
  return new Date(time).toISOString().slice(0, 10);
}

/** The first 12 hex digits of a digest, as Docker shows an ID. Anything that is no digest comes back clipped to 12 characters. */
export function shortId(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, 12);
}

/** A full reference as people write it: `docker.io/library/app:latest` → `app:latest`, `docker.io/me/app:1` → `me/app:1`. */
export function familiarReference(reference: string): string {
  if (!reference.startsWith('docker.io/')) return reference;
  const rest = reference.slice('docker.io/'.length);
  return rest.startsWith('library/') ? rest.slice('library/'.length) : rest;
}

/**
 * What a typed reference will most likely be in full: `app` → `docker.io/library/app:latest`, after the defaults of the
 * distribution grammar. For previews only: it checks nothing.
 */
export function completeReference(text: string): string {
  const slash = text.indexOf('/');
  const host = slash < 0 ? '' : text.slice(0, slash);
  const hasHost = /[.:]/.test(host) || host === 'localhost';
  const path = hasHost ? text : slash < 0 ? `docker.io/library/${text}` : `docker.io/${text}`;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.includes(':') || path.includes('@') ? path : `${path}:latest`;
}

/** `1 step`, `3 steps`; the plural may be given where adding an s does not make it. */
export function formatCount(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}

/** Control characters, and those that reorder or hide the text around them. */
const DECEPTIVE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/gu;

/**
 * Text from an image, a context or a file name made safe to show on one line: characters that would reorder, hide or break
 * it appear as `\u{202e}`; at most `limit` UTF-16 units are kept, and an ellipsis says that there were more.
 */
export function displayText(text: string, limit = 2000): string {
  const clipped = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return clipped.replace(DECEPTIVE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

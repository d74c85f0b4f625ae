import { expect } from 'vitest';
import { listingText, type Listing } from '../support/listing.ts';
import type { PeerConfig } from '../support/peers.ts';
import type { ConfigException, FileException } from './parity-case.ts';

/** What an image holds and says. */
export interface ComparedImage {
  readonly files: Listing;
  readonly config: PeerConfig;
}

/** Fails where the files differ, except as written down; what is written down must still be so. */
export function expectSameFiles(
  ours: ComparedImage,
  theirs: ComparedImage,
  exceptions: readonly FileException[] = [],
): void {
  const expected = new Map(theirs.files);
  for (const { path, ours: line, why } of exceptions) {
    expect(theirs.files.get(path), `no difference any more, though: ${why}`).not.toBe(line);
    if (line === undefined) expected.delete(path);
    else expected.set(path, line);
  }
  // Only the lines that differ, because images have thousands.
  expect(linesMissing(expected, ours.files)).toBe(linesMissing(ours.files, expected));
}

/** Fails where the configs differ in what they say, except as written down. */
export function expectSameConfig(
  ours: ComparedImage,
  theirs: ComparedImage,
  exceptions: readonly ConfigException[] = [],
): void {
  const config = comparable(theirs.config);
  for (const { field, ours: value, why } of exceptions) {
    expect(config[field], `no difference any more, though: ${why}`).not.toEqual(value);
    config[field] = value;
  }
  expect(comparable(ours.config)).toEqual(config);
}

function linesMissing(from: Listing, other: Listing): string {
  const lines = [...other].filter(([path, line]) => from.get(path) !== line);
  return listingText(new Map(lines.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** A config without what says nothing: fields that are empty or the default, and those a daemon keeps for itself. */
function comparable({ author, config }: PeerConfig): Record<string, unknown> {
  const own = ['Hostname', 'Domainname', 'Image', 'ArgsEscaped'];
  const kept = Object.entries({ ...config, author }).filter(
    ([field, value]) => !own.includes(field) && !isDefault(field, value),
  );
  return Object.fromEntries(kept);
}

function isDefault(field: string, value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return !value || (field === 'WorkingDir' && value === '/');
}

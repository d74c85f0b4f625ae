import type { Listing } from '../support/listing.ts';

/** What differs between any two runs of the same command, so that only type, mode, owner and attributes are compared. */
const BY_NATURE: readonly { readonly path: RegExp; readonly why: string }[] = [
  { path: /^var\/log\/apt\/(history|term)\.log$/, why: 'apt writes when it began and ended' },
  { path: /^var\/log\/(dpkg|alternatives)\.log$/, why: 'every line begins with the time' },
  { path: /^var\/log\/(lastlog|faillog)$/, why: 'useradd writes times' },
  { path: /^var\/cache\/ldconfig\/aux-cache$/, why: 'ldconfig keeps inode numbers and times' },
  { path: /^root\/\.npm\/_logs(\/|$)/, why: 'npm names its logs after the time' },
];

/** A listing without sizes and content of the files that differ by nature. */
export function withoutNature(listing: Listing): Listing {
  return new Map(
    [...listing].map(([path, line]) => [
      path,
      BY_NATURE.some(({ path: pattern }) => pattern.test(path))
        ? line.replace(/^(file \d{4} \d+:\d+) \d+ (.*) [0-9a-f]{16}/, '$1 … $2 …')
        : line,
    ]),
  );
}

import type { SettingChange } from '../../../shared/miss-reason.ts';

/** An operation's definition as it stands in a key. */
type Fields = Readonly<Record<string, unknown>>;

/** Longest text that is told, in UTF-16 units. */
const LONGEST = 300;

/** What people call the fields of ops/definition.ts. */
const NAMES: Readonly<Record<string, string>> = {
  cwd: 'working directory',
  path: 'working directory',
  user: 'user',
  args: 'shell',
  network: 'network',
  insecure: 'security',
  mounts: 'mounts',
  destination: 'destination',
  shmSize: 'size of /dev/shm',
  hosts: 'hosts',
  ulimits: 'ulimits',
};

/** Which steps select other files than before by what the instruction says, so that their lists cannot be compared. */
export function selectsElse(before: Fields, after: Fields): boolean {
  return ['sources', 'exclude', 'parents'].some((field) => !same(before[field], after[field]));
}

/** Network and rights, which the flags of the build and of RUN set. */
export function runFlagChanges(before: Fields, after: Fields): readonly SettingChange[] {
  return changesOf(before, after, (field) => field === 'network' || field === 'insecure');
}

/** The flags of the build for all RUNs. */
export function sandboxChanges(before: Fields, after: Fields): readonly SettingChange[] {
  return changesOf(before, after, () => true);
}

/** Fields that the instruction's own words decide. */
const WRITTEN = [
  'sources',
  'inline',
  'destination',
  'chown',
  'chmod',
  'link',
  'parents',
  'exclude',
  'unpack',
];
const WRITTEN_IN_RUN = ['args', 'mounts', 'script'];
const WRITTEN_IN_WORKDIR = ['path'];

/** What earlier instructions decide; with `written` those fields are left out that the instruction itself has changed. */
export function inheritedChanges(
  before: Fields,
  after: Fields,
  { written }: { readonly written: boolean },
): readonly SettingChange[] {
  const own = new Set(written ? [...WRITTEN, ...WRITTEN_IN_RUN, ...WRITTEN_IN_WORKDIR] : []);
  return changesOf(
    before,
    after,
    (field) => !own.has(field) && !['op', 'network', 'insecure'].includes(field),
  );
}

function changesOf(
  before: Fields,
  after: Fields,
  wanted: (field: string) => boolean,
): readonly SettingChange[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields].filter(wanted).flatMap((field): readonly SettingChange[] => {
    const [old, value] = [before[field], after[field]];
    if (same(old, value)) return [];
    return [
      {
        name: NAMES[field] ?? field,
        ...(old === undefined ? {} : { before: words(old) }),
        ...(value === undefined ? {} : { after: words(value) }),
      },
    ];
  });
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function words(value: unknown): string {
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string');
  const text = isList ? value.join(' ') : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

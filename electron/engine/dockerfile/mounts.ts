import { posix } from 'node:path';
import type { EngineError } from '../base/errors.ts';
import type { Mount } from './ast.ts';
import { parseByteSize } from './byte-size.ts';
import { splitCsv } from './csv.ts';
import { quote } from './messages.ts';
import { suggestion } from './suggest.ts';

type MountType = Mount['type'];
type TextKey = 'target' | 'source' | 'from' | 'id' | 'sharing' | 'mode' | 'uid' | 'gid' | 'size' | 'env';
/** A mount as it is being read. */
type Draft = { -readonly [K in keyof Mount]: Mount[K] };
/** Makes the error for a message and a hint. */
export type MountError = (message: string, hint?: string) => EngineError;

const TYPES: readonly MountType[] = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'];
const SHARING = ['shared', 'private', 'locked'];

const TEXT_KEYS: Readonly<Record<string, TextKey>> = {
  target: 'target',
  dst: 'target',
  destination: 'target',
  source: 'source',
  src: 'source',
  from: 'from',
  id: 'id',
  sharing: 'sharing',
  mode: 'mode',
  uid: 'uid',
  gid: 'gid',
  size: 'size',
  env: 'env',
};
const SWITCHES: Readonly<Record<string, { key: 'readonly' | 'required'; inverted: boolean }>> = {
  readonly: { key: 'readonly', inverted: false },
  ro: { key: 'readonly', inverted: false },
  readwrite: { key: 'readonly', inverted: true },
  rw: { key: 'readonly', inverted: true },
  required: { key: 'required', inverted: false },
};
const KEYS = ['type', ...Object.keys(TEXT_KEYS), ...Object.keys(SWITCHES)];

/** Options that only some types have. */
const ONLY_FOR: Readonly<Partial<Record<keyof Mount, readonly MountType[]>>> = {
  required: ['secret', 'ssh'],
  sharing: ['cache'],
  mode: ['cache', 'secret', 'ssh'],
  uid: ['cache', 'secret', 'ssh'],
  gid: ['cache', 'secret', 'ssh'],
  size: ['tmpfs'],
  env: ['secret'],
};

/**
 * Reads one `--mount`: CSV fields, each `key=value` or a bare switch, keys in any case. With `expand` each value but that
 * of `from` goes through it first; without, a value that holds a `$` is taken as written and checked no further, and the
 * type, if it is one, counts as `bind` until then. Throws what `fail` makes of a message. After the Dockerfile
 * reference, "RUN --mount".
 */
export function parseMount(text: string, fail: MountError, expand?: (word: string) => string): Mount {
  const fields = text === '' ? undefined : splitCsv(text);
  if (!fields)
    throw fail(
      `The mount ${quote(text)} is not a list of options.`,
      'Write for example type=cache,target=/tmp.',
    );
  const draft: Draft = { type: 'bind', text };
  let isTypeOpen = false;
  for (const field of fields) {
    const equals = field.indexOf('=');
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    const written = equals < 0 ? undefined : field.slice(equals + 1);
    const isOpen = written !== undefined && !expand && /\$./s.test(written);
    if (key === 'from' && written !== undefined && /\$./s.test(written)) {
      throw fail(
        'The mount option from cannot hold a variable.',
        'Name a stage: FROM $IMAGE AS base, then from=base.',
      );
    }
    const value = written === undefined || !expand || key === 'from' ? written : expand(written);
    if (key === 'type' && isOpen) isTypeOpen = true;
    else readOption(draft, key, value, field, isOpen, fail);
  }
  checkMount(draft, isTypeOpen, fail);
  return draft;
}

function readOption(
  draft: Draft,
  key: string,
  value: string | undefined,
  field: string,
  isOpen: boolean,
  fail: MountError,
): void {
  const option = Object.hasOwn(SWITCHES, key) ? SWITCHES[key] : undefined;
  if (option) {
    if (!isOpen) draft[option.key] = readBoolean(key, value, fail) !== option.inverted;
  } else if (key !== 'type' && !Object.hasOwn(TEXT_KEYS, key)) {
    throw fail(`A mount has no option ${quote(key)}, as in ${quote(field)}.`, suggestion(key, KEYS));
  } else if (value === undefined) {
    throw fail(`The mount option ${key} has no value.`, `Write ${key}=…`);
  } else if (key === 'type') {
    draft.type = readType(value, fail);
  } else {
    const name = TEXT_KEYS[key]!;
    draft[name] = name === 'sharing' && !isOpen ? value.toLowerCase() : value;
    if (!isOpen) checkText(name, value, fail);
  }
}

function readType(value: string, fail: MountError): MountType {
  const type = TYPES.find((candidate) => candidate === value.toLowerCase());
  if (type) return type;
  throw fail(
    `There is no mount type ${quote(value)}.`,
    suggestion(value, TYPES) ?? `There are ${TYPES.join(', ')}.`,
  );
}

/** Go's strconv.ParseBool. */
function readBoolean(key: string, value: string | undefined, fail: MountError): boolean {
  if (value === undefined || ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false;
  throw fail(`The mount option ${key} is neither true nor false: ${quote(value)}.`);
}

function checkText(key: TextKey, value: string, fail: MountError): void {
  if (key === 'sharing' && !SHARING.includes(value.toLowerCase())) {
    const hint = suggestion(value, SHARING) ?? `It can be ${SHARING.join(', ')}.`;
    throw fail(`The mount option sharing cannot be ${quote(value)}.`, hint);
  }
  if (key === 'mode' && !/^[0-7]{1,10}$/.test(value)) {
    throw fail(
      `The mount option mode is not an octal number: ${quote(value)}.`,
      'Write for example mode=0755.',
    );
  }
  if ((key === 'uid' || key === 'gid') && !(/^\d{1,10}$/.test(value) && Number(value) < 2 ** 32)) {
    throw fail(`The mount option ${key} is not a number: ${quote(value)}.`, 'Names cannot be used here.');
  }
  if (key === 'size' && parseByteSize(value) === undefined) {
    throw fail(`The mount option size is not a size: ${quote(value)}.`, 'Write for example size=64m.');
  }
  if (key === 'target' && value.startsWith('/') && posix.normalize(value) === '/') {
    throw fail('A mount cannot have the root directory as its target.', 'Name a directory below it.');
  }
}

function checkMount(mount: Mount, isTypeOpen: boolean, fail: MountError): void {
  if (isTypeOpen) return;
  for (const [key, types] of Object.entries(ONLY_FOR)) {
    if (mount[key as keyof Mount] !== undefined && !types.includes(mount.type)) {
      throw fail(`A mount of type ${mount.type} has no option ${key}.`, `It is for ${types.join(', ')}.`);
    }
  }
  if (mount.type === 'ssh' && mount.source !== undefined) {
    throw fail('A mount of type ssh has no option source.', 'Name the agent with id=…');
  }
  if (mount.type !== 'secret') return;
  if (mount.from !== undefined) {
    throw fail(
      'A mount of type secret has no option from.',
      'A secret comes from outside the build: name it with id=…',
    );
  }
  if (mount.source !== undefined && mount.id !== undefined) {
    throw fail('A mount of type secret has both id and source.', 'They mean the same; keep id.');
  }
  if (mount.source === undefined && mount.id === undefined && mount.target === undefined) {
    throw fail('A mount of type secret does not say which secret.', 'Add id=…');
  }
}

import { EngineError } from '../base/errors.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Gives the text of a file of the image, by its path below the root. */
type ReadFile = (path: string) => Promise<string | undefined>;

const HIGHEST_ID = 4_294_967_294;

/**
 * Who `user[:group]` is, as --chown and USER say it. Digits and `root` are numbers; other names are looked up in
 * /etc/passwd and /etc/group, which `readFile` gives (undefined where there is none). A number without a group is its
 * group too; a name without a group has its primary group; an empty user (`:group`) is root.
 *
 * A name that is not there fails with COPY_UNKNOWN_USER or COPY_UNKNOWN_GROUP, where BuildKit silently takes root: an
 * image with the wrong owner is found much later than a build that stops. Numbers that no file can have fail with
 * COPY_BAD_CHOWN.
 */
export async function resolveOwner(text: string, readFile: ReadFile): Promise<Owner> {
  const colon = text.indexOf(':');
  const user = colon < 0 ? text : text.slice(0, colon);
  const group = colon < 0 ? '' : text.slice(colon + 1);
  const { uid, gid } = await resolveUser(user, readFile);
  return { uid, gid: group === '' ? gid : await resolveGroup(group, readFile) };
}

/** Whether `user[:group]` needs nothing to be looked up. */
export function isNumericOwner(text: string): boolean {
  return /^(?:root|[0-9]*)(?::(?:root|[0-9]*))?$/.test(text);
}

async function resolveUser(user: string, readFile: ReadFile): Promise<Owner> {
  const number = user === '' ? 0 : numericId(user);
  if (number !== undefined) return { uid: number, gid: number };
  for (const [name, , uid, gid] of records(await readFile('etc/passwd'))) {
    if (name === user && isId(uid) && isId(gid)) return { uid: Number(uid), gid: Number(gid) };
  }
  throw unknownName('COPY_UNKNOWN_USER', 'user', user, '/etc/passwd');
}

async function resolveGroup(group: string, readFile: ReadFile): Promise<number> {
  const number = numericId(group);
  if (number !== undefined) return number;
  for (const [name, , gid] of records(await readFile('etc/group'))) {
    if (name === group && isId(gid)) return Number(gid);
  }
  throw unknownName('COPY_UNKNOWN_GROUP', 'group', group, '/etc/group');
}

function numericId(text: string): number | undefined {
  if (text === 'root') return 0;
  if (!/^[0-9]+$/.test(text)) return undefined;
  if (isId(text)) return Number(text);
  throw new EngineError(
    'COPY_BAD_CHOWN',
    `The owner ${text} is not possible: the highest number is ${HIGHEST_ID}.`,
  );
}

function isId(text: string | undefined): text is string {
  return text !== undefined && /^[0-9]+$/.test(text) && Number(text) <= HIGHEST_ID;
}

function* records(text: string | undefined): Generator<readonly string[]> {
  for (const line of (text ?? '').split('\n')) {
    if (line.trim() !== '' && !line.startsWith('#')) yield line.trim().split(':');
  }
}

function unknownName(code: string, kind: string, name: string, file: string): EngineError {
  return new EngineError(code, `There is no ${kind} "${name}" in ${file} of the image being built.`, {
    hint: `Create the ${kind} in an earlier step, or give its number.`,
  });
}

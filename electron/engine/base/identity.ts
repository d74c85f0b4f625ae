import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { findProgram } from './programs.ts';

/**
 * Whose rights work on the files of images is done with: root's own, those of a user who has a range of subordinate ids
 * (subuid(5)) to be root over in a user namespace, or those of a user who there is only one user, root, to himself.
 */
export type Identity =
  | { readonly kind: 'root' }
  | {
      readonly kind: 'range';
      /** Users and groups there are in the namespace, counted from 0. */
      readonly users: number;
      readonly groups: number;
      /** The first subordinate ids, which are user 1 and group 1 there. */
      readonly firstUser: number;
      readonly firstGroup: number;
    }
  | {
      readonly kind: 'single';
      /** Why there is no range, as a part of a sentence, and the command that changes it. */
      readonly because: string;
      readonly fix: string;
    };

/** The user whom this process works for. Asked anew each time: what is missing may be installed meanwhile. Never fails. */
export async function findIdentity(): Promise<Identity> {
  if (process.getuid?.() === 0) return { kind: 'root' };
  const { username, uid } = nameOf();
  const [users, groups, newuidmap] = await Promise.all([
    rangeOf('/etc/subuid', username, uid),
    rangeOf('/etc/subgid', username, uid),
    findProgram('newuidmap'),
  ]);
  if (newuidmap === undefined) {
    return {
      kind: 'single',
      because: 'the program newuidmap is not installed',
      fix: 'sudo apt-get install uidmap',
    };
  }
  if (!users || !groups) {
    return {
      kind: 'single',
      because: `${username} has no range of subordinate ids in /etc/${users ? 'subgid' : 'subuid'}`,
      fix: `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${username}`,
    };
  }
  return {
    kind: 'range',
    users: users.count,
    groups: groups.count,
    firstUser: users.first,
    firstGroup: groups.first,
  };
}

/**
 * The words of a command that runs `command` as this identity, root over the files of images, and dies with this process.
 * In a new user namespace the kernel forgets what a process wanted to die with, so that it is said twice.
 */
export function asIdentity(identity: Identity, command: string, args: readonly string[]): readonly string[] {
  const bound = ['setpriv', '--pdeathsig', 'KILL'];
  if (identity.kind === 'root') return [...bound, command, ...args];
  const map = identity.kind === 'range' ? ['--map-auto', '--map-root-user'] : ['--map-root-user'];
  return [...bound, 'unshare', '--user', ...map, '--', ...bound, command, ...args];
}

function nameOf(): { readonly username: string; readonly uid: number } {
  try {
    return userInfo();
  } catch {
    // A user without a line in /etc/passwd.
    const uid = process.getuid?.() ?? 0;
    return { username: `${uid}`, uid };
  }
}

/** Tells apart what different identities unpack: owners on the disk differ. Part of a file name; empty for root. */
export function identityTag({ kind }: Identity): string {
  return kind === 'root' ? '' : `${kind}-${process.getuid?.()}`;
}

/** The first range of a user, by name or number: the one that `unshare --map-auto` takes. */
async function rangeOf(
  file: string,
  username: string,
  uid: number,
): Promise<{ readonly first: number; readonly count: number } | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  for (const line of text.split('\n')) {
    const [name, first, count] = line.trim().split(':');
    const isOurs = name === username || name === `${uid}`;
    if (isOurs && isNumber(first) && isNumber(count) && Number(count) > 0)
      return { first: Number(first), count: Number(count) };
  }
  return undefined;
}

function isNumber(text: string | undefined): boolean {
  return /^\d{1,10}$/.test(text ?? '');
}

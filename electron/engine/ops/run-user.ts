import { EngineError } from '../base/errors.ts';
import type { ProcessUser } from '../executor/runtime-spec.ts';

type ReadFile = (path: string) => Promise<string | undefined>;

/**
 * Who `user[:group]` is for a process, as USER says it: names and numbers looked up in the image's /etc/passwd and /etc/group,
 * a number that is not there stands for itself with group 0. Without a group the user is in all groups that list it; with one
 * only in that. Fails with RUN_UNKNOWN_USER and RUN_UNKNOWN_GROUP.
 */
export async function processUser(text: string, readFile: ReadFile): Promise<ProcessUser> {
  const [name = '', groupName] = text.split(':', 2);
  const passwd = records(await readFile('etc/passwd'));
  const groups = records(await readFile('etc/group'));
  const wanted = name === '' ? '0' : name;
  const row = passwd.find(([each]) => each === wanted) ?? passwd.find(([, , uid]) => uid === wanted);
  const uid = numeric(row?.[2]) ?? numeric(wanted) ?? (wanted === 'root' ? 0 : undefined);
  if (uid === undefined) throw unknown('RUN_UNKNOWN_USER', 'user', wanted, '/etc/passwd');
  if (groupName !== undefined && groupName !== '') {
    const found = groups.find(([each]) => each === groupName)?.[2];
    const gid = numeric(found) ?? numeric(groupName) ?? (groupName === 'root' ? 0 : undefined);
    if (gid === undefined) throw unknown('RUN_UNKNOWN_GROUP', 'group', groupName, '/etc/group');
    return { uid, gid, additionalGids: [gid] };
  }
  const gid = numeric(row?.[3]) ?? 0;
  const login = row?.[0];
  const others = groups
    .filter(([, , , members]) => login !== undefined && (members ?? '').split(',').includes(login))
    .flatMap(([, , id]) => numeric(id) ?? []);
  return { uid, gid, additionalGids: [...new Set([gid, ...others])] };
}

function numeric(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,10}$/.test(text)) return undefined;
  return Number(text) <= 4_294_967_294 ? Number(text) : undefined;
}

function records(text: string | undefined): readonly (readonly string[])[] {
  const lines = (text ?? '').split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(':'));
}

function unknown(code: string, kind: string, name: string, file: string): EngineError {
  return new EngineError(code, `There is no ${kind} "${name}" in ${file} of the image being built.`, {
    hint: `Create the ${kind} in an earlier step, or give its number.`,
  });
}

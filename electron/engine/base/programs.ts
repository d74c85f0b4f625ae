import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The path of a program in PATH, or undefined. */
export async function findProgram(command: string): Promise<string | undefined> {
  for (const folder of programPath().split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, command);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}

/** The variables that programs of the system are started with: where others are found, and messages in plain English. */
export function helperEnvironment(): Readonly<Record<string, string>> {
  return { PATH: programPath(), LC_ALL: 'C' };
}

/** Where programs of the system are looked for; what only root usually has in PATH is there for everybody. */
export function programPath(): string {
  const own = process.env['PATH'] ?? '/usr/bin:/bin';
  return [own, '/usr/sbin', '/sbin'].join(delimiter);
}

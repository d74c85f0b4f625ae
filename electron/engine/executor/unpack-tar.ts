import { EngineError } from '../base/errors.ts';
import type { Identity } from '../base/identity.ts';
import { runHelper } from './helper-process.ts';

/**
 * Unpacks a tar into an existing directory with GNU tar, as the identity: owners, modes, times and attributes as the tar has
 * them, all owners root where there is one user only. `sync`: everything is on disk when the promise resolves.
 * The tar must be one of ours: no path of it may lead out of the directory. Fails with RUN_SNAPSHOT.
 */
export async function unpackTar(
  tarPath: string,
  directory: string,
  { identity, sync }: { readonly identity: Identity; readonly sync: boolean },
  signal: AbortSignal,
): Promise<void> {
  const owner = identity.kind === 'single' ? '--no-same-owner' : '--same-owner';
  const args = ['--xattrs', '--xattrs-include=*', '--numeric-owner', owner, '-p', '-x'];
  await must(identity, 'tar', [...args, '-f', tarPath, '-C', directory], signal);
  if (sync) await must(identity, 'sync', ['-f', directory], signal);
}

async function must(
  identity: Identity,
  command: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  let said = '';
  const onStderr = (data: Buffer): void => void (said = (said + data.toString()).slice(0, 2000));
  const { code } = await runHelper(identity, command, args, { onStderr }, signal);
  if (code === 0) return;
  throw new EngineError('RUN_SNAPSHOT', `A layer could not be unpacked: ${command} ended with ${code}.`, {
    hint: said.trim().split('\n')[0] || undefined,
  });
}

import { findIdentity, type Identity } from '../base/identity.ts';
import { removeTree } from '../base/remove-tree.ts';
import type { Check } from '../../../shared/contract.ts';
import { checkMachine } from './check-machine.ts';
import { runHelper, type HelperOptions, type ProcessEnd } from './helper-process.ts';
import { runProcess, type OverlayState, type RunEnd, type RunProcessOptions } from './run-process.ts';
import type { SnapshotContext } from './snapshots.ts';
import { unpackTar } from './unpack-tar.ts';

/** Runs commands in root file systems, and the system's own tools on the files of images. One per engine. */
export interface Executor {
  /** Whose rights all this is done with. */
  identity(): Promise<Identity>;
  /** Runs a program of the system with the rights to files that images have; see helper-process.ts. */
  tool(
    command: string,
    args: readonly string[],
    options: HelperOptions,
    signal: AbortSignal,
  ): Promise<ProcessEnd>;
  /** Unpacks one of our own tars into an existing directory; see unpack-tar.ts. Not synced. */
  unpackTar(tarPath: string, directory: string, signal: AbortSignal): Promise<void>;
  /** Removes a directory with all that is in it, whoever owns it there; nothing behind its links. */
  remove(path: string): Promise<void>;
  /** Runs a command of an image; see run-process.ts. */
  run(options: RunProcessOptions, signal: AbortSignal): Promise<RunEnd>;
  /** What works on this machine; see check-machine.ts. */
  check(): Promise<readonly Check[]>;
}

export interface ExecutorContext extends SnapshotContext {
  /** False: root filesystems are copied, as where overlays cannot be mounted. */
  readonly overlays?: boolean;
}

/** An executor on the store that holds the layers. */
export function createExecutor(context: ExecutorContext): Executor {
  const overlay: OverlayState = { isMissing: context.overlays === false };
  let found: Promise<Identity> | undefined;
  const identity = (): Promise<Identity> => (found ??= findIdentity());
  return {
    identity,
    tool: async (command, args, options, signal) =>
      runHelper(await identity(), command, args, options, signal),
    unpackTar: async (tarPath, directory, signal) =>
      unpackTar(tarPath, directory, { identity: await identity(), sync: false }, signal),
    remove: removeTree,
    run: async (options, signal) => runProcess(options, await identity(), overlay, context, signal),
    check: () => checkMachine(context.store.blobs.ingestPath()),
  };
}

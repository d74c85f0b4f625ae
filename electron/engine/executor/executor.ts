import type { FileTree } from '../layer/file-tree.ts';
import type { Layer } from '../layer/layer.ts';
import { runHelper, type HelperOptions, type ProcessEnd } from './helper-process.ts';
import { removeTree } from './remove-tree.ts';
import { runProcess, type RunProcessOptions } from './run-process.ts';
import { snapshots, type SnapshotContext } from './snapshots.ts';

/** Runs commands in root file systems, and the system's own tools on the files of images. One per engine. */
export interface Executor {
  /** Directories that hold the layers unpacked; see snapshots.ts. */
  unpack(
    layers: readonly Layer[],
    view: () => Promise<FileTree>,
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  /** Runs a program of the system with the rights to files that images have; see helper-process.ts. */
  tool(
    command: string,
    args: readonly string[],
    options: HelperOptions,
    signal: AbortSignal,
  ): Promise<ProcessEnd>;
  /** Removes a directory with all that is in it, whoever owns it there; nothing behind its links. */
  remove(path: string): Promise<void>;
  /** Runs a command of an image; see run-process.ts. */
  run(options: RunProcessOptions, signal: AbortSignal): Promise<ProcessEnd>;
}

/** An executor on the store that holds the layers. */
export function createExecutor(context: SnapshotContext): Executor {
  return {
    unpack: (layers, view, signal) => snapshots(layers, view, context, signal),
    tool: runHelper,
    remove: removeTree,
    run: runProcess,
  };
}

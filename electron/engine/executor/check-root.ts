import { EngineError } from '../base/errors.ts';
import type { FileTree } from '../layer/file-tree.ts';

/**
 * Checks that what the runtime mounts on or into is a real directory of the image, or not there: through a link it could be led
 * elsewhere. Fails with RUN_UNSAFE_ROOTFS.
 */
export function checkRoot(view: Pick<FileTree, 'get' | 'label'>): void {
  for (const path of ['dev', 'proc', 'sys', 'etc']) {
    const type = view.get(path)?.type ?? 'dir';
    if (type === 'dir') continue;
    throw new EngineError(
      'RUN_UNSAFE_ROOTFS',
      `/${path} of ${view.label} is not a directory, so no command can be run in it.`,
      { hint: 'Make it a directory in the base image.' },
    );
  }
}

import { EngineError } from '../base/errors.ts';
import type { FileTree } from '../layer/file-tree.ts';
import { resolvePath } from '../layer/resolve.ts';

type Tree = Pick<FileTree, 'get' | 'label'>;

const SHELL_NAME = /(^|\/)((ba|da|a|z|k|mk|tc|c|fi)?sh|pwsh)$/;

/** The default of SHELL, which says nothing about what the image has. */
const DEFAULT_SHELL = '/bin/sh';

/** What a person wants in front of them, best first. */
const SHELLS: readonly (readonly string[])[] = [
  ...[['/bin/bash'], ['/usr/bin/bash'], [DEFAULT_SHELL], ['/bin/ash'], ['/bin/dash'], ['/usr/bin/sh']],
  ...[
    ['/bin/busybox', 'sh'],
    ['/usr/bin/busybox', 'sh'],
  ],
];

/**
 * The words that start a shell in an image: the one that the step's command was run by, where SHELL or the instruction chose
 * it, else the best there is. Fails with SHELL_MISSING where there is none.
 */
export function findShell(
  tree: Tree,
  { args, env }: { readonly args: readonly string[]; readonly env: readonly string[] },
): readonly string[] {
  const [own = ''] = args;
  const chosen =
    SHELL_NAME.test(own) && own !== DEFAULT_SHELL
      ? (own.startsWith('/') ? [own] : pathFolders(env).map((folder) => `${folder}/${own}`)).map((path) => [
          path,
        ])
      : [];
  const found = [...chosen, ...SHELLS].find(([program]) => isProgram(tree, program!));
  if (found) return found;
  throw new EngineError('SHELL_MISSING', `There is no shell in ${tree.label}.`, {
    hint: 'Name a program that it has: slipway debug BUILD -- PROGRAM',
  });
}

function pathFolders(env: readonly string[]): readonly string[] {
  const path = env.find((pair) => pair.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  return path.split(':').filter((folder) => folder.startsWith('/'));
}

function isProgram(tree: Tree, path: string): boolean {
  try {
    const { entry } = resolvePath(tree, path, { followLast: true });
    return entry?.type === 'file' && (entry.mode & 0o111) !== 0;
  } catch (error) {
    if (error instanceof EngineError) return false;
    throw error;
  }
}

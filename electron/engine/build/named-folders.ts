import type { ContextFolder } from '../context/open-folder.ts';
import { openNamedContext, type OpenContextOptions } from '../context/open-context.ts';
import { contextKey, contextName, type NamedContext, type NamedContexts } from '../graph/named-context.ts';
import type { FileTree } from '../layer/file-tree.ts';
import type { TreeReference } from '../ops/definition.ts';

/** The folders among the named contexts of a build. */
export interface NamedFolders {
  /** The folder's files, walked when first asked for. `key` as contextKey has it. */
  tree(key: string): Promise<FileTree>;
  /** Whether the folder's own .dockerignore leaves this path out; false for what is no such folder. */
  isIgnored(from: TreeReference, path: string): boolean;
  /** Resolves when no walk is under way any more, whatever came of it. */
  settled(): Promise<void>;
}

/** The contexts of a request by their keys. Fails with BUILD_CONTEXT_INVALID. */
export function namedContexts(contexts: Readonly<Record<string, NamedContext>>): NamedContexts {
  return new Map(Object.entries(contexts).map(([name, context]) => [contextKey(name), context]));
}

/**
 * Opens all folders, so that one that is missing is told before anything is built; `walk` is what walks one of them. Fails as
 * openNamedContext does.
 */
export async function openNamedFolders(
  contexts: NamedContexts,
  options: Pick<OpenContextOptions, 'pool' | 'cacheFolder' | 'signal'>,
  walk: (folder: ContextFolder, name: string) => Promise<FileTree>,
): Promise<NamedFolders> {
  const folders = new Map<string, ContextFolder>();
  for (const [key, context] of contexts) {
    if (context.kind !== 'directory') continue;
    folders.set(key, await openNamedContext(contextName(key), { ...options, folder: context.path }));
  }
  const walks = new Map<string, Promise<FileTree>>();
  return {
    tree(key) {
      const walking = walks.get(key) ?? walk(folders.get(key)!, contextName(key));
      walks.set(key, walking);
      return walking;
    },
    isIgnored: (from, path) => from.kind === 'named' && folders.get(from.name)!.isIgnored(path),
    settled: async () => void (await Promise.allSettled(walks.values())),
  };
}

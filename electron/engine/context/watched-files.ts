import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { decodeName } from '../base/byte-path.ts';
import type { Pattern } from '../base/patterns.ts';
import { DEFAULT_NAMES, readSmallFile } from './dockerfile-file.ts';
import { LARGEST_IGNORE_FILE, resolveFolder } from './open-folder.ts';
import { parseIgnoreFile } from './dockerignore.ts';

/** What there is to watch of a project. Plain data. */
export interface WatchedFiles {
  /** Absolute path of the context's folder, symlinks resolved. */
  readonly root: string;
  /** What of the folder is left out. */
  readonly patterns: readonly Pattern[];
  /** Absolute paths of what always counts, wherever it lies and whether it is there or not: Dockerfile and ignore files. */
  readonly control: readonly string[];
  /** Tells whether any of these says something else than before. */
  readonly controlDigest: string;
}

/**
 * Finds out what there is to watch. A missing Dockerfile is no error, since it may come back; nor is an ignore file that
 * cannot be understood: then the patterns of `before` hold. Fails with CONTEXT_NOT_FOUND or CONTEXT_NOT_DIRECTORY.
 */
export async function watchedFiles(
  folder: string,
  dockerfile?: string,
  before?: WatchedFiles,
): Promise<WatchedFiles> {
  const root = await resolveFolder(folder);
  const names = dockerfile === undefined ? DEFAULT_NAMES : [dockerfile];
  const dockerfiles = names.map((name) => (isAbsolute(name) ? name : join(root, name)));
  const ignoreFiles = [...dockerfiles.map((path) => `${path}.dockerignore`), join(root, '.dockerignore')];
  const sum = createHash('sha256');
  const control = new Set<string>();
  // A link to the folder decides which folder it is.
  if (resolve(folder) !== root) control.add(resolve(folder));
  let patterns: readonly Pattern[] | undefined;
  for (const path of [...dockerfiles, ...ignoreFiles]) {
    control.add(path);
    const target = await realpath(path).catch(() => path);
    control.add(target);
    const text = await readSmallFile(path, LARGEST_IGNORE_FILE).catch(() => undefined);
    sum.update(`${target}\0${text?.length ?? 'none'}\0`).update(text ?? '');
    if (text && patterns === undefined && ignoreFiles.includes(path)) {
      patterns = patternsOf(decodeName(text), path) ?? before?.patterns ?? [];
    }
  }
  return { root, patterns: patterns ?? [], control: [...control], controlDigest: sum.digest('hex') };
}

function patternsOf(text: string, file: string): readonly Pattern[] | undefined {
  try {
    return parseIgnoreFile(text, file).map(({ text, exception }) => ({ text, exception }));
  } catch {
    return undefined;
  }
}

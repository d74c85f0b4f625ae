import { chmodSync, lchownSync, linkSync, lutimesSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeName } from '../../../electron/engine/base/byte-path.ts';
import { IS_ROOT } from './peers.ts';
import { run } from './run.ts';

/** A file tree as data: path → what it is, in the order it is made. Text alone is a file, 0644. */
export type Tree = Readonly<Record<string, string | TreeNode>>;

interface Metadata {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** `user.name=value`, set with setfattr. */
  readonly xattr?: string;
}

export type TreeNode = Metadata &
  (
    | { readonly text: string | Buffer }
    | { readonly dir: true }
    | { readonly symlink: string }
    | { readonly hardlink: string }
    | { readonly char: readonly [major: number, minor: number] }
    | { readonly fifo: true }
    /** A tar of another tree, compressed as GNU tar's option says. */
    | { readonly tar: Tree; readonly compress?: '--gzip' | '--bzip2' | '--xz' | '--zstd' }
  );

/** 2024-01-02T03:04:05Z: contexts are as old as real ones. */
const MTIME = 1_704_164_645;

/** Makes the tree below an existing directory. Folders that are only on the way are 0755, whatever the umask. */
export async function writeTree(root: string, tree: Tree): Promise<void> {
  const made = new Set<string>();
  for (const [path, written] of Object.entries(tree)) {
    const node: TreeNode = typeof written === 'string' ? { text: written } : written;
    makeFolders(root, dirname(path), made);
    const target = join(root, path);
    await makeNode(root, target, node);
    if ('hardlink' in node) continue;
    if (node.xattr !== undefined) {
      const [name = '', value = ''] = node.xattr.split('=');
      await run('setfattr', '-n', name, '-v', value, target);
    }
    // Contexts have no owners; whoever is not root leaves them his own.
    if (IS_ROOT || node.uid !== undefined) lchownSync(named(target), node.uid ?? 0, node.gid ?? 0);
    if (!('symlink' in node)) chmodSync(named(target), node.mode ?? ('dir' in node ? 0o755 : 0o644));
    lutimesSync(named(target), MTIME, MTIME);
  }
}

/** A folder with this tree in it, to be removed by the caller. */
export async function temporaryTree(tree: Tree): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'slipway-tree-'));
  await writeTree(root, tree);
  return root;
}

async function makeNode(root: string, target: string, node: TreeNode): Promise<void> {
  if ('text' in node) writeFileSync(named(target), node.text);
  else if ('symlink' in node) symlinkSync(encodeName(node.symlink), named(target));
  else if ('hardlink' in node) linkSync(named(join(root, node.hardlink)), named(target));
  else if ('char' in node) await run('mknod', target, 'c', ...node.char.map(String));
  else if ('fifo' in node) await run('mkfifo', target);
  else if ('tar' in node) await packTree(node.tar, target, node.compress);
  else mkdirSync(named(target), { recursive: true });
}

/** Writes a tar of the tree, without an entry for its root. */
export async function packTree(tree: Tree, target: string, compress?: string): Promise<void> {
  const folder = await temporaryTree(tree);
  const list = `${folder}.names`;
  try {
    // By a file, because names on a command line would have to be UTF-8.
    const names = new Set(Object.keys(tree).map((path) => path.split('/')[0]!));
    writeFileSync(list, Buffer.concat([...names].map((name) => encodeName(`${name}\0`))));
    const flags = [
      '--numeric-owner',
      '--xattrs',
      '--format=pax',
      '--pax-option=delete=atime,delete=ctime',
      ...(compress ? [compress] : []),
    ];
    await run('tar', '-C', folder, ...flags, '-cf', target, '--null', '-T', list);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(list, { force: true });
  }
}

function makeFolders(root: string, path: string, made: Set<string>): void {
  if (path === '.' || made.has(path)) return;
  makeFolders(root, dirname(path), made);
  made.add(path);
  const target = named(join(root, path));
  try {
    mkdirSync(target);
    chmodSync(target, 0o755);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** The file system's name of a path: bytes. */
function named(path: string): Buffer {
  return encodeName(path);
}

import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  type Dirent,
} from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Random edits of a folder, the same ones for the same seed. */
export interface Editor {
  /** Makes one edit; answers what it did, for the message of a test that fails. */
  edit(): string;
  /** A file that has never been, so that a build has something new to copy. */
  mark(): void;
}

const IGNORE_FILES = [
  '',
  '**/*.log\n',
  '*.tmp\n**/cache\n',
  'cache\n!cache/keep\n',
  'b*\n!**/b1\n',
  '*\n!a*\n!Dockerfile\n',
];
const NAMES = ['a1', 'a2', 'b1', 'b2', 'cache', 'keep', 'x.log', 'y.tmp', 'z.ts', '~z.ts', '.z.swp', 'é'];
const MODES = [0o644, 0o600, 0o755, 0o444];

export function createEditor(root: string, seed: number): Editor {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pick = <T>(from: readonly T[]): T => from[random(from.length)]!;
  let count = 0;

  /** Everything there is, but the files that steer the build. */
  function entries(wanted: (entry: Dirent) => boolean): string[] {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter(wanted)
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .filter((path) => path !== 'Dockerfile' && path !== '.dockerignore' && !path.startsWith('mark'))
      .sort();
  }
  const folders = (): string[] => ['.', ...entries((entry) => entry.isDirectory())];
  const fresh = (): string => join(pick(folders()), `${pick(NAMES)}${random(4) === 0 ? `-${count++}` : ''}`);
  const isFree = (path: string): boolean =>
    lstatSync(join(root, path), { throwIfNoEntry: false }) === undefined;
  const text = (): string =>
    `${pick(['short', 'x'.repeat(random(9_000))])} ${random(3) === 0 ? 'same' : count++}`;

  const edits: Readonly<Record<string, () => string | undefined>> = {
    create() {
      const path = fresh();
      if (!isFree(path)) return undefined;
      writeFileSync(join(root, path), text());
      return path;
    },
    change() {
      const path = pick(entries((entry) => entry.isFile()));
      if (path === undefined) return undefined;
      writeFileSync(join(root, path), text());
      return path;
    },
    save() {
      const path = pick(entries((entry) => entry.isFile()));
      if (path === undefined) return undefined;
      writeFileSync(join(root, `${path}.part`), text());
      renameSync(join(root, `${path}.part`), join(root, path));
      return path;
    },
    rename() {
      const from = pick(entries(() => true));
      const to = fresh();
      // Nothing can be moved into itself.
      if (from === undefined || !isFree(to) || to === from || to.startsWith(`${from}${sep}`))
        return undefined;
      renameSync(join(root, from), join(root, to));
      return `${from} → ${to}`;
    },
    remove() {
      const path = pick(entries((entry) => !entry.isDirectory() || random(3) === 0));
      if (path === undefined) return undefined;
      rmSync(join(root, path), { recursive: true });
      return path;
    },
    mode() {
      const path = pick(entries((entry) => !entry.isSymbolicLink()));
      if (path === undefined) return undefined;
      const isFolder = lstatSync(join(root, path)).isDirectory();
      chmodSync(join(root, path), isFolder ? pick([0o755, 0o700]) : pick(MODES));
      return path;
    },
    symlink() {
      const path = fresh();
      if (!isFree(path)) return undefined;
      symlinkSync(pick([...entries(() => true), '../nowhere']), join(root, path));
      return path;
    },
    link() {
      const from = pick(entries((entry) => entry.isFile()));
      const to = fresh();
      if (from === undefined || !isFree(to)) return undefined;
      linkSync(join(root, from), join(root, to));
      return `${from} = ${to}`;
    },
    folder() {
      const path = join(fresh(), pick(NAMES));
      try {
        mkdirSync(join(root, path), { recursive: true });
      } catch {
        // A file is in the way.
        return undefined;
      }
      if (random(2) === 0) writeFileSync(join(root, path, pick(NAMES)), text());
      return path;
    },
    replace() {
      const path = pick(entries((entry) => !entry.isSymbolicLink()));
      if (path === undefined) return undefined;
      const wasFile = lstatSync(join(root, path)).isFile();
      rmSync(join(root, path), { recursive: true });
      if (wasFile) mkdirSync(join(root, path));
      writeFileSync(join(root, path, ...(wasFile ? ['inside'] : [])), text());
      return path;
    },
    ignore() {
      if (random(6) > 0) return undefined;
      writeFileSync(join(root, '.dockerignore'), pick(IGNORE_FILES));
      return '.dockerignore';
    },
  };
  const kinds = Object.keys(edits);

  return {
    edit() {
      for (;;) {
        const kind = pick(kinds);
        const done = edits[kind]!();
        if (done !== undefined) return `${kind} ${done}`;
      }
    },
    mark: () => writeFileSync(join(root, `amark-${count++}`), ''),
  };
}

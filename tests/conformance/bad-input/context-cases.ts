import type { TreeNode, Tree } from '../../integration/support/tree.ts';
import type { BadInput } from './bad-input.ts';

const GOOD = 'FROM scratch\nCOPY a /a\n';

/** The Dockerfile is there under its name, but it is no Dockerfile. */
const wrongFile = (name: string, node: string | TreeNode, says: string, place?: string): BadInput => ({
  name: `Dockerfile: ${name}`,
  tree: { Dockerfile: node, a: 'a\n' },
  says,
  ...(place === undefined ? {} : { place }),
});

const wrongIgnore = (name: string, node: string | TreeNode, says: string, place?: string): BadInput => ({
  name: `.dockerignore: ${name}`,
  tree: { Dockerfile: GOOD, a: 'a\n', '.dockerignore': node },
  says,
  ...(place === undefined ? {} : { place }),
});

const folder = (
  name: string,
  tree: Tree,
  words: readonly string[],
  says: string,
  hint?: string,
): BadInput => ({
  name: `context: ${name}`,
  tree,
  words,
  says,
  ...(hint === undefined ? {} : { hint }),
});

export const CONTEXT_CASES: readonly BadInput[] = [
  folder('a folder that is not there', {}, ['build', 'nowhere'], 'There is no folder'),
  folder('a file', { Dockerfile: GOOD }, ['build', 'Dockerfile'], 'is not a folder', '--file'),
  folder('a file where a folder is named', { a: '' }, ['build', 'a/b'], 'is not a folder'),
  folder('a link that leads nowhere', { l: { symlink: 'gone' } }, ['build', 'l'], 'There is no folder'),
  folder(
    'a link to itself',
    { l: { symlink: 'l' } },
    ['build', 'l'],
    '/l" cannot be read: too many symbolic links',
  ),
  folder('nothing in it', {}, ['build', '.'], 'There is no Dockerfile in', '--file'),
  folder(
    'another name',
    { 'Dockerfile.dev': GOOD },
    ['build', '.'],
    'There is no Dockerfile in',
    'Dockerfile.dev',
  ),
  folder(
    '--file that is not there',
    { Dockerfile: GOOD },
    ['build', '-f', 'x', '.'],
    'There is no Dockerfile at',
  ),
  folder(
    '--file in a file',
    { Dockerfile: GOOD },
    ['build', '-f', 'Dockerfile/x', '.'],
    'There is no Dockerfile at',
  ),
  folder(
    '--file names a folder',
    { 'd/Dockerfile': GOOD },
    ['build', '-f', 'd', '.'],
    'it is not a regular file',
  ),
  folder('a name too long', {}, ['build', 'x'.repeat(300)], 'the path is too long'),
  folder('an empty name', { Dockerfile: GOOD }, ['build', ''], 'is empty'),

  wrongFile('a folder', { dir: true }, 'it is not a regular file'),
  wrongFile('a pipe', { fifo: true }, 'it is not a regular file'),
  wrongFile('a link that leads nowhere', { symlink: 'gone' }, 'There is no Dockerfile in'),
  wrongFile('a link to itself', { symlink: 'Dockerfile' }, 'too many symbolic links'),
  wrongFile('larger than 4 MiB', '#'.repeat((4 << 20) + 1), 'is larger than 4 MiB'),
  wrongFile('UTF-16', { text: Buffer.from(`\ufeff${GOOD}`, 'utf16le') }, 'UTF-16', 'Dockerfile:1'),
  wrongFile(
    'an ELF binary',
    { text: Buffer.from('\x7fELF\x02\x01\x01\0\0\0\0\0', 'latin1') },
    'is not a text file',
    'Dockerfile:1',
  ),
  wrongFile('empty', '', 'is empty', 'Dockerfile:1'),

  wrongIgnore('a bracket that is not closed', 'ok\n[\n', 'is malformed', '.dockerignore:2'),
  wrongIgnore('a lone exclamation mark', '\n!\n', '!', '.dockerignore:2'),
  wrongIgnore('a backslash at the end', 'a\\\n', 'is malformed', '.dockerignore:1'),
  wrongIgnore('a folder', { dir: true }, 'it is not a regular file'),
  wrongIgnore('a pipe', { fifo: true }, 'it is not a regular file'),
  wrongIgnore('larger than 4 MiB', '#'.repeat((4 << 20) + 1), 'it is too large'),
  {
    name: '.dockerignore: the one beside the Dockerfile is wrong',
    tree: { Dockerfile: GOOD, a: '', '.dockerignore': '', 'Dockerfile.dockerignore': '[b-a]' },
    says: 'is malformed',
    place: 'Dockerfile.dockerignore:1',
  },
];

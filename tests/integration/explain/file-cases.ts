import { changeCase, type ExplainCase, type Project } from './explain-case.ts';

const ALL: Project = {
  dockerfile: 'FROM scratch\nCOPY src /app\nCOPY other /other\n',
  tree: { 'src/a.ts': 'a', 'src/deep/b.ts': 'b', other: 'o', unused: 'u' },
};
const CONTEXT: Project = {
  dockerfile: 'FROM scratch\nCOPY . /app\n',
  tree: { '.dockerignore': 'Dockerfile\n.dockerignore\n*.log\n', 'a.txt': 'a', 'b.txt': 'b', 'x.log': 'x' },
};
const many = (text: string): NonNullable<Project['tree']> =>
  Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`src/f${String(i).padStart(2, '0')}`, text]));

export const FILE_CASES: readonly ExplainCase[] = [
  changeCase(
    'a file',
    ALL,
    { tree: { 'src/a.ts': 'A' } },
    {
      '0/1': 'files ~src/a.ts',
      '0/2': 'earlier-step 0/1 rebuilt',
    },
  ),
  changeCase(
    'a file further down',
    ALL,
    { tree: { 'src/deep/b.ts': 'longer' } },
    {
      '0/1': 'files ~src/deep/b.ts',
      '0/2': 'earlier-step 0/1 rebuilt',
    },
  ),
  changeCase('a file of the last step only', ALL, { tree: { other: 'O' } }, { '0/2': 'files ~other' }),
  changeCase(
    'files of both steps',
    ALL,
    { tree: { 'src/a.ts': 'A', other: 'O' } },
    {
      '0/1': 'files ~src/a.ts',
      '0/2': 'files ~other; earlier-step 0/1 rebuilt',
    },
  ),
  changeCase('a file that nobody copies', ALL, { tree: { unused: 'U', more: 'm' } }, {}),
  changeCase(
    'one more file',
    ALL,
    { tree: { 'src/new.ts': 'n' } },
    {
      '0/1': 'files +src/new.ts',
      '0/2': 'earlier-step 0/1 rebuilt',
    },
  ),
  {
    name: 'one file less',
    before: [ALL],
    after: { ...ALL, tree: { 'src/a.ts': 'a', other: 'o' } },
    missed: { '0/1': 'files -src/deep -src/deep/b.ts', '0/2': 'earlier-step 0/1 rebuilt' },
  },
  {
    name: 'another name',
    before: [{ ...ALL, dockerfile: 'FROM scratch\nCOPY src /app\n' }],
    after: { dockerfile: 'FROM scratch\nCOPY src /app\n', tree: { 'src/z.ts': 'a', 'src/deep/b.ts': 'b' } },
    missed: { '0/1': 'files +src/z.ts -src/a.ts' },
  },
  changeCase(
    'the mode of a file',
    ALL,
    { tree: { other: { text: 'o', mode: 0o755 } } },
    {
      '0/2': 'files ~other(mode 0644->0755)',
    },
  ),
  changeCase(
    'the mode of a folder',
    ALL,
    { tree: { 'src/deep': { dir: true, mode: 0o700 } } },
    {
      '0/1': 'files ~src/deep(mode 0755->0700)',
      '0/2': 'earlier-step 0/1 rebuilt',
    },
  ),
  changeCase(
    'content and mode',
    ALL,
    { tree: { other: { text: 'O', mode: 0o600 } } },
    {
      '0/2': 'files ~other(content,mode)',
    },
  ),
  {
    name: 'a link points elsewhere',
    before: [{ ...ALL, tree: { ...ALL.tree, 'src/link': { symlink: 'a.ts' } } }],
    after: { ...ALL, tree: { ...ALL.tree, 'src/link': { symlink: 'deep/b.ts' } } },
    missed: { '0/1': 'files ~src/link(link a.ts->deep/b.ts)', '0/2': 'earlier-step 0/1 rebuilt' },
  },
  {
    name: 'a file becomes a link',
    before: [{ ...ALL, tree: { ...ALL.tree, 'src/x': 'x' } }],
    after: { ...ALL, tree: { ...ALL.tree, 'src/x': { symlink: 'a.ts' } } },
    missed: { '0/1': 'files ~src/x(type file->symlink)', '0/2': 'earlier-step 0/1 rebuilt' },
  },
  {
    name: 'more files than are named',
    before: [{ dockerfile: 'FROM scratch\nCOPY src /s\n', tree: many('a') }],
    after: { dockerfile: 'FROM scratch\nCOPY src /s\n', tree: many('b') },
    missed: {
      '0/1': `files ${Array.from({ length: 50 }, (_, i) => `~src/f${String(i).padStart(2, '0')}`).join(' ')} and 20 more`,
    },
  },
  {
    name: 'the time of a file alone',
    before: [ALL],
    after: { ...ALL, tree: { ...ALL.tree, other: 'o', 'src/a.ts': { text: Buffer.from('a') } } },
    missed: {},
  },
  changeCase(
    'a wildcard takes one more',
    {
      dockerfile: 'FROM scratch\nCOPY conf/*.json /etc/\n',
      tree: { 'conf/a.json': 'a', 'conf/n.txt': 'n' },
    },
    { tree: { 'conf/b.json': 'b', 'conf/o.txt': 'o' } },
    { '0/1': 'files +conf/b.json' },
  ),
  changeCase(
    '--exclude hides it',
    {
      dockerfile: 'FROM scratch\nCOPY --exclude=*.md src /s\n',
      tree: { 'src/a': 'a', 'src/b.md': 'b' },
    },
    { tree: { 'src/b.md': 'changed' } },
    {},
  ),
  changeCase(
    'two sources with one name',
    {
      dockerfile: 'FROM scratch\nCOPY one two /s/\n',
      tree: { 'one/a': '1', 'two/b': '2' },
    },
    { tree: { 'two/b': 'two' } },
    { '0/1': 'files ~two/b' },
  ),
  changeCase(
    'the ignore file hides a file more',
    CONTEXT,
    {
      tree: { '.dockerignore': 'Dockerfile\n.dockerignore\n*.log\nb.txt\n' },
    },
    { '0/1': 'ignore-file .dockerignore -b.txt' },
  ),
  changeCase(
    'the ignore file hides less',
    CONTEXT,
    { tree: { '.dockerignore': 'Dockerfile\n.dockerignore\n' } },
    {
      '0/1': 'ignore-file .dockerignore +x.log',
    },
  ),
  changeCase(
    'the ignore file changes, and nothing that is copied',
    CONTEXT,
    {
      tree: { '.dockerignore': 'Dockerfile\n.dockerignore\n*.log\n*.tmp\n' },
    },
    {},
  ),
  changeCase(
    'the ignore file and a file',
    CONTEXT,
    {
      tree: { '.dockerignore': 'Dockerfile\n.dockerignore\n*.log\nb.txt\n', 'a.txt': 'A' },
    },
    { '0/1': 'files ~a.txt -b.txt' },
  ),
  changeCase(
    'the ignore file is copied too',
    { ...CONTEXT, tree: { ...CONTEXT.tree, '.dockerignore': '*.log\nDockerfile\n' } },
    {
      tree: { '.dockerignore': '*.log\nDockerfile\nb.txt\n' },
    },
    { '0/1': 'ignore-file .dockerignore ~.dockerignore -b.txt' },
  ),
  changeCase(
    'the Dockerfile is copied too',
    { dockerfile: 'FROM scratch\nCOPY . /\n', tree: { a: 'a' } },
    {
      dockerfile: 'FROM scratch\nCOPY . /\nLABEL a=b\n',
    },
    { '0/1': 'files ~Dockerfile' },
  ),
  changeCase(
    '--link does not look below',
    {
      dockerfile: 'FROM scratch\nCOPY a /a\nCOPY --link b /b\nCOPY c /c\n',
      tree: { a: 'a', b: 'b', c: 'c' },
    },
    { tree: { a: 'A' } },
    { '0/1': 'files ~a', '0/3': 'earlier-step 0/1 rebuilt' },
  ),
  changeCase(
    'ADD of an archive',
    {
      dockerfile: 'FROM scratch\nADD a.tar /\n',
      tree: { 'a.tar': { tar: { f: '1' } } },
    },
    { tree: { 'a.tar': { tar: { f: '22' } } } },
    { '0/1': 'files ~a.tar' },
  ),
  {
    name: 'an older file again, after a build that failed',
    before: [
      { ...ALL, dockerfile: 'FROM scratch\nCOPY src /app\n' },
      { ...ALL, tree: { ...ALL.tree, 'src/a.ts': 'A' } },
    ],
    after: ALL,
    missed: { '0/2': 'earlier-step 0/1 restored' },
  },
];

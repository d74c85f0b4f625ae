import { fileLine, type WrittenCase } from './parity-case.ts';

const NEWER = 'buildah 1.28 does not know it';

/** What newer Dockerfiles can say, with what BuildKit makes of it. */
export const WRITTEN_CASES: readonly WrittenCase[] = [
  {
    name: 'heredocs',
    why: NEWER,
    context: { f: 'f' },
    dockerfile: `FROM scratch
ARG NAME=world
COPY <<one.txt <<"two.txt" f /here/
hello $NAME
one.txt
raw $NAME
two.txt
COPY --chmod=755 --chown=3:4 <<-EOT /script
\t#!/bin/sh
\t  echo
EOT`,
    files: [
      'dir 0755 0:0 - here',
      fileLine('0644 0:0', 'here/f', 'f'),
      fileLine('0644 0:0', 'here/one.txt', 'hello world\n'),
      fileLine('0644 0:0', 'here/two.txt', 'raw $NAME\n'),
      fileLine('0755 3:4', 'script', '#!/bin/sh\n  echo\n'),
    ],
  },
  {
    name: '--parents',
    why: NEWER,
    context: { 'a/b/c.txt': 'c', 'a/d.txt': 'd', 'e/f/g.txt': 'g', 'e/h': 'h' },
    dockerfile:
      '# syntax=docker/dockerfile:1\nFROM scratch\nCOPY --parents a/b/c.txt e/**/*.txt ./a/./d.txt /p/',
    files: [
      'dir 0755 0:0 - p',
      'dir 0755 0:0 - p/a',
      'dir 0755 0:0 - p/a/b',
      fileLine('0644 0:0', 'p/a/b/c.txt', 'c'),
      fileLine('0644 0:0', 'p/d.txt', 'd'),
      'dir 0755 0:0 - p/e',
      'dir 0755 0:0 - p/e/f',
      fileLine('0644 0:0', 'p/e/f/g.txt', 'g'),
    ],
  },
  {
    name: '--exclude',
    why: NEWER,
    context: { 'src/keep.js': 'k', 'src/drop.test.js': 'd', 'src/node_modules/m': 'm' },
    dockerfile: 'FROM scratch\nCOPY --exclude=**/*.test.js --exclude=node_modules src /s/',
    files: ['dir 0755 0:0 - s', fileLine('0644 0:0', 's/keep.js', 'k')],
  },
  {
    name: '--link over a link of the base',
    why: NEWER,
    context: { f: 'f', below: { dir: true }, 'below/real/x': 'x', 'below/linked': { symlink: 'real' } },
    dockerfile: 'FROM scratch\nCOPY below /\nCOPY --link f /linked/f\nCOPY f /other/f',
    files: [
      'dir 0755 0:0 - linked',
      fileLine('0644 0:0', 'linked/f', 'f'),
      'dir 0755 0:0 - other',
      fileLine('0644 0:0', 'other/f', 'f'),
      'dir 0755 0:0 - real',
      fileLine('0644 0:0', 'real/x', 'x'),
    ],
  },
  {
    name: 'symbolic --chmod',
    why: NEWER,
    context: { 'd/f': { text: 'f', mode: 0o640 }, 'd/x': { text: 'x', mode: 0o700 } },
    dockerfile: 'FROM scratch\nCOPY --chmod=go=rX d /d/',
    files: ['dir 0755 0:0 - d', fileLine('0644 0:0', 'd/f', 'f'), fileLine('0755 0:0', 'd/x', 'x')],
  },
  {
    name: 'names of stages in any case',
    why: 'buildah 1.28 tells their case apart',
    context: { f: 'f' },
    dockerfile: 'FROM scratch AS Build\nCOPY f /1\nFROM BUILD\nCOPY --from=build /1 /2',
    files: [fileLine('0644 0:0', '1', 'f'), fileLine('0644 0:0', '2', 'f')],
  },
];

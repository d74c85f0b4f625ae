import type { Tree } from '../support/tree.ts';
import { LAZY_WORKDIR, type ParityCase } from './parity-case.ts';

const FILES: Tree = {
  'src/main.js': 'main',
  'src/lib/util.js': { text: 'util', mode: 0o755 },
  'src/lib/same.js': { hardlink: 'src/lib/util.js' },
  'src/link.js': { symlink: 'main.js' },
  readme: 'readme',
};

/** Several stages, and reading from them. */
export const STAGE_CASES: readonly ParityCase[] = [
  {
    name: 'COPY --from a stage by name and by number',
    context: FILES,
    dockerfile: `FROM localhost/base AS build
WORKDIR /out
COPY --chown=app src .
FROM scratch
COPY --from=build /out /app
COPY --from=0 /etc/passwd /out/lib/*.js /etc/`,
  },
  {
    name: 'COPY --from follows links inside the stage',
    context: FILES,
    dockerfile: `FROM localhost/base AS base
FROM scratch
COPY --from=base /bin/busybox /sh
COPY --from=base /opt/current /current
COPY --from=base /opt/climbs/ /climbed
COPY --from=base /usr/bin /bin`,
  },
  {
    name: 'COPY --from an image',
    context: FILES,
    dockerfile:
      'FROM scratch\nCOPY --from=localhost/base /usr /usr/\nCOPY --from=localhost/triggers /opt /opt/',
  },
  {
    name: 'COPY --from with --chown and --chmod',
    context: FILES,
    dockerfile: `FROM scratch AS a
COPY src /s
FROM localhost/base
COPY --from=a --chown=web:web /s /srv/s
COPY --from=a --chmod=0700 /s/main.js /srv/main`,
  },
  {
    name: 'a chain of named stages',
    context: FILES,
    dockerfile: `FROM scratch AS one
COPY readme /1
ENV STAGE=one
FROM one AS two
COPY readme /2
ENV STAGE=$STAGE-two
FROM two AS three
COPY readme /3
FROM three
COPY --from=one /1 /from-one
COPY readme /4`,
  },
  {
    name: '--target stops at a stage',
    context: FILES,
    target: 'middle',
    dockerfile: `FROM scratch AS first
COPY readme /first
FROM scratch AS middle
COPY --from=first /first /middle
LABEL stage=middle
FROM middle
COPY readme /last`,
  },
  {
    name: 'ARG before FROM names the stage',
    context: FILES,
    buildArgs: { FLAVOUR: 'blue' },
    dockerfile: `ARG FLAVOUR=red
FROM scratch AS red
COPY readme /red
FROM scratch AS blue
COPY readme /blue
FROM \${FLAVOUR}
COPY readme /end`,
  },
  {
    name: 'a layer that removes and replaces',
    context: FILES,
    dockerfile: 'FROM localhost/triggers AS gone\nFROM scratch\nCOPY --from=gone / /',
    except: [{ path: 'srv/work', ours: 'dir 0755 0:0 - srv/work', why: LAZY_WORKDIR }],
  },
  {
    name: 'root of the base over the root of another',
    context: FILES,
    dockerfile: 'FROM localhost/base AS below\nFROM scratch\nCOPY src /opt/\nCOPY --from=below / /',
  },
];

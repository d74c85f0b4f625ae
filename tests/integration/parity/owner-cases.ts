import type { Tree } from '../support/tree.ts';
import { LAZY_WORKDIR, type ParityCase } from './parity-case.ts';

const FILES: Tree = {
  'app/run': { text: 'run', mode: 0o755 },
  'app/data/x': 'x',
  'app/link': { symlink: 'run' },
  file: 'file',
};

/** --chown, --chmod, USER and WORKDIR: who owns what is made. */
export const OWNER_CASES: readonly ParityCase[] = [
  {
    name: '--chown by name',
    dockerfile: 'FROM localhost/base\nCOPY --chown=app app /opt/app/',
    context: FILES,
  },
  {
    name: '--chown by name and group',
    dockerfile: 'FROM localhost/base\nCOPY --chown=web:staff file /srv/',
    context: FILES,
  },
  {
    name: '--chown of a group alone by number',
    dockerfile: 'FROM localhost/base\nCOPY --chown=app:7 file /srv/',
    context: FILES,
  },
  {
    name: '--chown by number',
    dockerfile: 'FROM scratch\nCOPY --chown=12:34 app /app/\nCOPY --chown=56 file /',
    context: FILES,
  },
  {
    name: '--chown makes folders on the way',
    dockerfile: 'FROM scratch\nCOPY --chown=12:34 file /a/b/c/',
    context: FILES,
  },
  {
    name: '--chmod',
    dockerfile: 'FROM scratch\nCOPY --chmod=640 app /app/\nCOPY --chmod=4711 file /suid',
    context: FILES,
    except: [
      {
        path: 'app',
        ours: 'dir 0640 0:0 - app',
        why: 'buildah makes the destination 0755; BuildKit gives folders it makes the mode of --chmod',
      },
    ],
  },
  {
    name: 'USER does not own what COPY brings',
    dockerfile: 'FROM localhost/base\nUSER app\nCOPY file /srv/',
    context: FILES,
  },
  {
    name: 'WORKDIR that is there',
    dockerfile: 'FROM localhost/base\nWORKDIR /opt/current\nCOPY file .',
    context: FILES,
  },
  {
    name: 'WORKDIR steps',
    dockerfile: 'FROM localhost/base\nENV D=deep\nWORKDIR /w\nWORKDIR $D/er\nWORKDIR ../x\nCOPY file f',
    context: FILES,
    except: [{ path: 'w/deep/er', ours: 'dir 0755 0:0 - w/deep/er', why: LAZY_WORKDIR }],
  },
  {
    name: 'WORKDIR of a user',
    dockerfile: 'FROM localhost/base\nUSER app\nWORKDIR /home/app/work/here\nCOPY file f',
    context: FILES,
    except: ['home/app/work', 'home/app/work/here'].map((path) => ({
      path,
      ours: `dir 0755 1000:1001 - ${path}`,
      why: 'in buildah the folders of WORKDIR belong to root; BuildKit gives them to the USER in force',
    })),
  },
];

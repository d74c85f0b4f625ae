import { fileLine, LAZY_WORKDIR, type ParityCase } from './parity-case.ts';

const ENV_WINS = 'in buildah ENV wins over a later ARG; in BuildKit the later one counts';

const context = { f: 'f' };

/** What instructions leave in the config, and how it is inherited. */
export const CONFIG_CASES: readonly ParityCase[] = [
  {
    name: 'every field',
    context,
    dockerfile: `FROM localhost/base
COPY f /
ENV A=1 B="two words" C=\${A}3
ENV LANG=en D=$B
LABEL a=1 "b c"="d e" maker=other
EXPOSE 8080 53/udp
VOLUME /data ["/not", "json"
USER app:staff
WORKDIR /srv/$A
STOPSIGNAL SIGINT
SHELL ["/bin/bash", "-eu", "-c"]
CMD echo hello
ENTRYPOINT ["/entry", "x"]`,
    except: [{ path: 'srv/1', ours: 'dir 0755 1000:50 - srv/1', why: LAZY_WORKDIR }],
    exceptConfig: [
      {
        field: 'Cmd',
        ours: ['/bin/bash', '-eu', '-c', 'echo hello'],
        why: 'buildah uses SHELL for RUN only; in BuildKit it is what every shell form runs in',
      },
      {
        field: 'Env',
        ours: ['PATH=/usr/bin:/bin', 'LANG=en', 'A=1', 'B=two words', 'C=3', 'D=two words'],
        why: 'buildah moves a variable that is set again to the end; BuildKit leaves it in its place',
      },
    ],
  },
  {
    name: 'ENTRYPOINT drops the CMD it inherits',
    context,
    dockerfile: 'FROM localhost/base\nCOPY f /\nENTRYPOINT ["/e"]',
  },
  {
    name: 'ENTRYPOINT keeps the CMD of its stage',
    context,
    dockerfile: 'FROM localhost/base\nCOPY f /\nCMD ["c"]\nENTRYPOINT e $HOME',
  },
  {
    name: 'CMD keeps the ENTRYPOINT it inherits',
    context,
    dockerfile: 'FROM localhost/base AS a\nENTRYPOINT ["/e"]\nFROM a\nCOPY f /\nCMD ["new"]',
  },
  {
    name: 'ENV forms and quoting',
    context,
    dockerfile: `FROM scratch\nCOPY f /\nENV one two  three\nENV a=b\\ c d='$one' e="$one-\${zero:-def}" f=\${one:+yes} g=\\$one`,
  },
  {
    name: 'ARG scopes',
    context,
    buildArgs: { V: 'given', UNSET: 'never declared', TOP: 'top' },
    dockerfile: `ARG TOP=t
ARG V=global
FROM localhost/base AS first
ARG V=first
ENV FIRST=$V TOP_HERE=\${TOP:-none}
FROM first
ARG TOP
ARG X=x
ENV SECOND=\${V:-none} TOP_THERE=$TOP X_HERE=$X
COPY f /$X/`,
    exceptConfig: [
      {
        field: 'Env',
        ours: [
          'PATH=/usr/bin:/bin',
          'LANG=C.UTF-8',
          'FIRST=given',
          'TOP_HERE=none',
          'SECOND=given',
          'TOP_THERE=top',
          'X_HERE=x',
        ],
        why: 'in BuildKit a stage has the ARGs of the stage it continues; buildah forgets them',
      },
    ],
  },
  {
    name: 'ARG after an ENV of the same name',
    context,
    dockerfile: 'FROM scratch\nARG X=w\nARG X=x\nENV X=$X\nARG X=y\nCOPY f /$X',
    except: [
      { path: 'x', ours: undefined, why: ENV_WINS },
      { path: 'y', ours: fileLine('0644 0:0', 'y', 'f'), why: ENV_WINS },
    ],
  },
  {
    name: 'ENV wins over ARG',
    context,
    buildArgs: { A: 'arg' },
    dockerfile: 'FROM scratch\nARG A\nENV A=env\nLABEL a=$A\nCOPY f /$A',
  },
  {
    name: 'ONBUILD is kept in the image',
    context,
    dockerfile: 'FROM scratch\nCOPY f /\nONBUILD COPY . /x/\nONBUILD ENV A=b',
  },
  { name: 'ONBUILD of the base runs', context, dockerfile: 'FROM localhost/triggers\nCOPY f /after' },
  {
    name: 'HEALTHCHECK',
    context,
    dockerfile:
      'FROM scratch\nCOPY f /\nHEALTHCHECK --interval=5s --timeout=1m --start-period=2s --retries=4 CMD ["check", "it"]',
  },
  { name: 'HEALTHCHECK NONE', context, dockerfile: 'FROM scratch\nCOPY f /\nHEALTHCHECK NONE' },
  { name: 'MAINTAINER', context, dockerfile: 'FROM scratch\nMAINTAINER someone <a@b>\nCOPY f /' },
];

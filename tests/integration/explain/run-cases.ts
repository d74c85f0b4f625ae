import { readFileSync } from 'node:fs';
import { DEFAULT_SANDBOX } from '../../../electron/engine/executor/sandbox-options.ts';
import { changeCase, type ExplainCase, type Project } from './explain-case.ts';

const IMAGES = { 'box:1': { 'bin/sh': { text: readFileSync('/bin/busybox'), mode: 0o755 } } };
const run = (...lines: readonly string[]): Project => ({
  dockerfile: `FROM box:1\n${lines.join('\n')}\n`,
  images: IMAGES,
  tree: { a: 'a', b: 'b' },
});
const ECHO = run('ARG V=1', 'RUN echo "$V" > /v', 'RUN echo end > /end');

export const RUN_CASES: readonly ExplainCase[] = [
  changeCase('a command', run('RUN echo 1 > /f'), run('RUN echo 2 > /f'), {
    '0/2': 'instruction RUN echo 1 > /f -> RUN echo 2 > /f',
  }),
  changeCase(
    'an ARG',
    ECHO,
    { request: { buildArgs: { V: '2' } } },
    {
      '0/2': 'variables ARG V=1->2',
      '0/3': 'variables ARG V=1->2; earlier-step 0/2 rebuilt',
    },
  ),
  changeCase(
    'an ARG that the result does not show',
    run('ARG V=1', 'RUN echo x > /v', 'COPY a /a'),
    {
      request: { buildArgs: { V: '2' } },
    },
    { '0/2': 'variables ARG V=1->2' },
  ),
  changeCase('one ARG more', run('RUN echo x > /v'), run('ARG MORE=1', 'RUN echo x > /v'), {
    '0/2': 'variables ARG MORE=->1',
  }),
  changeCase('one ENV less', run('ENV A=1 B=2', 'RUN echo x > /v'), run('ENV A=1', 'RUN echo x > /v'), {
    '0/2': 'variables ENV B=2->',
  }),
  changeCase(
    'a secret in ENV',
    run('ENV DB_PASSWORD=hush-1', 'RUN echo x > /v'),
    run('ENV DB_PASSWORD=hush-2', 'RUN echo x > /v'),
    {
      '0/2': 'variables ENV DB_PASSWORD secret changed',
    },
  ),
  changeCase(
    'a file below',
    run('COPY a /a', 'RUN cat /a > /b', 'RUN echo c > /c'),
    { tree: { a: 'A' } },
    {
      '0/2': 'files ~a',
      '0/3': 'earlier-step 0/2 rebuilt',
      '0/4': 'earlier-step 0/2 rebuilt',
    },
  ),
  changeCase(
    'a mounted file',
    run('RUN --mount=type=bind,source=a,target=/a cat /a > /b'),
    { tree: { a: 'A' } },
    {
      '0/2': 'files ~a',
    },
  ),
  changeCase(
    'USER',
    run('COPY <<E /etc/passwd', 'u:x:1:1::/:/bin/sh', 'E', 'USER root', 'RUN true'),
    run('COPY <<E /etc/passwd', 'u:x:1:1::/:/bin/sh', 'E', 'USER u', 'RUN true'),
    {
      '0/3': 'settings user=root->u',
    },
  ),
  changeCase('SHELL', run('RUN true'), run('SHELL ["/bin/sh", "-ec"]', 'RUN true'), {
    '0/2': 'settings shell=/bin/sh -c true->/bin/sh -ec true',
  }),
  changeCase(
    'the network of the build',
    run('RUN true'),
    { request: { network: 'none' } },
    {
      '0/2': 'flags network=host->none',
    },
  ),
  changeCase(
    'a host more',
    run('RUN true'),
    {
      request: { sandbox: { ...DEFAULT_SANDBOX, hosts: [{ name: 'db', address: '10.0.0.1' }] } },
    },
    { '0/2': 'flags hosts=->db' },
  ),
  changeCase(
    'ulimits',
    run('RUN true'),
    {
      request: { sandbox: { ...DEFAULT_SANDBOX, ulimits: [{ name: 'nofile', soft: 64, hard: 64 }] } },
    },
    { '0/2': 'flags ulimits=->[{"hard":64,"name":"nofile","soft":64}]' },
  ),
  changeCase('a flag of RUN', run('RUN true'), run('RUN --network=none true'), {
    '0/2': 'instruction RUN true -> RUN --network=none true',
  }),
  changeCase(
    'a command that changes nothing is in nobody’s way',
    run('RUN true', 'COPY a /a'),
    run('RUN true && true', 'COPY a /a'),
    {
      '0/2': 'instruction RUN true -> RUN true && true',
    },
  ),
  {
    name: 'a command that failed',
    before: [{ ...run('RUN false'), fails: true }],
    after: { ...run('RUN false'), fails: true },
    missed: { '0/2': 'unfinished' },
  },
  {
    name: 'the value of a secret is no cause',
    before: [
      { ...run('RUN --mount=type=secret,id=s true'), request: { secrets: [{ id: 's', value: 'one' }] } },
    ],
    after: { ...run('RUN --mount=type=secret,id=s true'), request: { secrets: [{ id: 's', value: 'two' }] } },
    missed: {},
  },
];

import { changeCase, type ExplainCase, type Project } from './explain-case.ts';

const BASED: Project = {
  dockerfile: 'FROM base:1\nCOPY a /a\nCOPY b /b\n',
  tree: { a: 'a', b: 'b' },
  images: { 'base:1': { etc: 'one' }, 'base:2': { etc: 'two' } },
};
const BASE = 'docker.io/library/base';
const STAGES: Project = {
  dockerfile: `FROM scratch AS one
COPY a /x/a
COPY b /y/b
FROM scratch AS two
COPY --from=one /x /x
FROM scratch
COPY --from=one /y /y
COPY --from=two /x /x
COPY c /c
`,
  tree: { a: 'a', b: 'b', c: 'c' },
};

export const GRAPH_CASES: readonly ExplainCase[] = [
  changeCase(
    'the base image moved',
    BASED,
    { images: { 'base:1': { etc: 'another' } } },
    {
      '0/2': `base ${BASE}:1 -> ${BASE}:1`,
      '0/3': `base ${BASE}:1 -> ${BASE}:1`,
    },
  ),
  changeCase(
    'FROM names another image',
    BASED,
    { dockerfile: BASED.dockerfile.replace('base:1', 'base:2') },
    {
      '0/2': `base ${BASE}:1 -> ${BASE}:2`,
      '0/3': `base ${BASE}:1 -> ${BASE}:2`,
    },
  ),
  changeCase(
    'FROM names another image with the same files',
    {
      ...BASED,
      images: { 'base:1': { etc: 'one' }, 'base:2': { etc: 'one' } },
    },
    { dockerfile: BASED.dockerfile.replace('base:1', 'base:2') },
    {},
  ),
  changeCase(
    'from scratch to an image',
    { ...BASED, dockerfile: 'FROM scratch\nCOPY a /a\n' },
    { dockerfile: 'FROM base:1\nCOPY a /a\n' },
    {
      '0/2': `base scratch -> ${BASE}:1`,
    },
  ),
  changeCase(
    'the base image moved and a file changed',
    { ...BASED, dockerfile: 'FROM base:1\nCOPY a /a\n' },
    {
      images: { 'base:1': { etc: 'another' } },
      tree: { a: 'A' },
    },
    { '0/2': `base ${BASE}:1 -> ${BASE}:1; files ~a` },
  ),
  changeCase(
    '--link on a base that moved',
    { ...BASED, dockerfile: 'FROM base:1\nCOPY --link a /a\n' },
    {
      images: { 'base:1': { etc: 'another' } },
    },
    {},
  ),
  changeCase(
    'a file of one part of a stage',
    STAGES,
    { tree: { b: 'B' } },
    {
      'one/2': 'files ~b',
      '2/1': 'stage one by one/2 ~y/b',
      '2/2': 'earlier-step one/2 rebuilt',
      '2/3': 'earlier-step one/2 rebuilt',
    },
  ),
  changeCase(
    'a file that goes through two stages',
    STAGES,
    { tree: { a: 'A' } },
    {
      'one/1': 'files ~a',
      'one/2': 'earlier-step one/1 rebuilt',
      'two/1': 'stage one by one/1 ~x/a',
      '2/2': 'stage two by one/1 ~x/a',
      '2/3': 'earlier-step one/1 rebuilt',
    },
  ),
  changeCase('a file of the last stage', STAGES, { tree: { c: 'C' } }, { '2/3': 'files ~c' }),
  changeCase(
    'a stage put in before',
    STAGES,
    {
      dockerfile: `FROM scratch AS zero\nCOPY c /zero\n${STAGES.dockerfile}COPY --from=zero /zero /zero\n`,
    },
    { 'zero/1': 'new', '3/4': 'new' },
  ),
  changeCase(
    'stages without names move',
    {
      dockerfile: 'FROM scratch\nCOPY a /a\nFROM scratch\nCOPY --from=0 /a /a\nCOPY b /b\n',
      tree: { a: 'a', b: 'b', c: 'c' },
    },
    {
      dockerfile:
        'FROM scratch AS n\nCOPY c /c\nFROM scratch\nCOPY a /a\nFROM scratch\nCOPY --from=1 /a /a\nCOPY b /b\nCOPY --from=n /c /c\n',
      tree: { b: 'B' },
    },
    { 'n/1': 'new', '2/2': 'files ~b', '2/3': 'new' },
  ),
  changeCase(
    'another stage is read',
    {
      ...STAGES,
      dockerfile:
        'FROM scratch AS one\nCOPY a /f\nFROM scratch AS two\nCOPY b /f\nFROM scratch\nCOPY --from=one /f /f\nCOPY --from=two /f /g\n',
    },
    {
      dockerfile:
        'FROM scratch AS one\nCOPY a /f\nFROM scratch AS two\nCOPY b /f\nFROM scratch\nCOPY --from=two /f /f\nCOPY --from=two /f /g\n',
    },
    {
      '2/1': 'instruction COPY --from=one /f /f -> COPY --from=two /f /f',
      '2/2': 'earlier-step 2/1 rebuilt',
    },
  ),
  changeCase(
    'a stage gets another name',
    {
      dockerfile: 'FROM scratch AS old\nCOPY a /a\nFROM scratch\nCOPY --from=old /a /a\n',
      tree: { a: 'a' },
    },
    { dockerfile: 'FROM scratch AS new\nCOPY a /a\nFROM scratch\nCOPY --from=new /a /a\n' },
    {},
  ),
  changeCase(
    'the image that COPY --from names moved',
    {
      dockerfile: 'FROM scratch\nCOPY --from=base:1 /etc /e\n',
      images: { 'base:1': { etc: 'one' } },
    },
    { images: { 'base:1': { etc: 'two' } } },
    { '0/1': `image ${BASE}:1 -> ${BASE}:1 ~etc` },
  ),
  changeCase(
    'a step above the stage that goes on',
    {
      dockerfile: 'FROM scratch AS one\nCOPY a /a\nFROM one\nCOPY b /b\n',
      tree: { a: 'a', b: 'b' },
    },
    { tree: { a: 'A' } },
    { 'one/1': 'files ~a', '1/1': 'earlier-step one/1 rebuilt' },
  ),
  changeCase(
    'early cut-off: another input, the same result',
    {
      dockerfile: 'FROM scratch AS one\nCOPY a b /x/\nFROM scratch\nCOPY --from=one /x/a /a\nCOPY c /c\n',
      tree: { a: 'a', b: 'b', c: 'c' },
    },
    { tree: { b: 'B' } },
    { 'one/1': 'files ~b' },
  ),
  changeCase(
    'early cut-off in one stage',
    {
      dockerfile: 'FROM scratch\nCOPY a /a\nCOPY --chmod=644 b /b\nCOPY c /c\n',
      tree: { a: 'a', b: 'b', c: 'c' },
    },
    { tree: { b: { text: 'b', mode: 0o600 } } },
    { '0/2': 'files ~b(mode 0644->0600)' },
  ),
  changeCase(
    '--no-cache-filter',
    STAGES,
    { request: { noCacheFilter: ['TWO'] } },
    { 'two/1': 'no-cache-filter two' },
  ),
  changeCase(
    '--no-cache-filter of a stage without a name',
    STAGES,
    { request: { noCacheFilter: ['2'] } },
    {},
  ),
  changeCase('another target', STAGES, { request: { target: 'two' } }, {}),
  {
    name: 'targets in turn are each compared with their own',
    before: [STAGES, { ...STAGES, request: { target: 'two' } }],
    after: { ...STAGES, tree: { ...STAGES.tree, c: 'C' } },
    missed: { '2/3': 'files ~c' },
  },
];

import { changeCase, type ExplainCase, type Project } from './explain-case.ts';

const ARG: Project = {
  dockerfile: 'FROM scratch\nARG NAME=one\nCOPY $NAME /a\nCOPY b /b\n',
  tree: { one: '1', two: '2', b: 'b' },
};
const given = (buildArgs: Readonly<Record<string, string>>): Pick<Project, 'request'> => ({
  request: { buildArgs },
});

export const VARIABLE_CASES: readonly ExplainCase[] = [
  changeCase(
    'the default of an ARG',
    ARG,
    { dockerfile: ARG.dockerfile.replace('=one', '=two') },
    {
      '0/1': 'variables ARG NAME=one->two',
      '0/2': 'earlier-step 0/1 rebuilt',
    },
  ),
  changeCase('--build-arg', ARG, given({ NAME: 'two' }), {
    '0/1': 'variables ARG NAME=one->two',
    '0/2': 'earlier-step 0/1 rebuilt',
  }),
  changeCase('the same value in another way', ARG, given({ NAME: 'one' }), {}),
  changeCase(
    'an ARG that no step names',
    {
      dockerfile: 'FROM scratch\nARG OTHER=1\nCOPY b /b\n',
      tree: { b: 'b' },
    },
    given({ OTHER: '2' }),
    {},
  ),
  changeCase(
    'ENV in a destination',
    {
      dockerfile: 'FROM scratch\nENV DIR=/one\nCOPY b $DIR/b\n',
      tree: { b: 'b' },
    },
    { dockerfile: 'FROM scratch\nENV DIR=/two\nCOPY b $DIR/b\n' },
    { '0/1': 'variables ENV DIR=/one->/two' },
  ),
  changeCase(
    'ARG in WORKDIR, and what is relative to it',
    {
      dockerfile: 'FROM scratch\nARG DIR=/one\nWORKDIR $DIR\nCOPY b ./\n',
      tree: { b: 'b' },
    },
    given({ DIR: '/two' }),
    {
      '0/1': 'variables ARG DIR=/one->/two',
      '0/2': 'settings destination=/one/->/two/; earlier-step 0/1 rebuilt',
    },
  ),
  changeCase(
    'ARG in a heredoc',
    {
      dockerfile: 'FROM scratch\nARG V=1\nCOPY <<E /v\nversion $V\nE\n',
    },
    given({ V: '2' }),
    { '0/1': 'variables ARG V=1->2' },
  ),
  changeCase(
    'ARG and the instruction',
    ARG,
    {
      dockerfile: 'FROM scratch\nARG NAME=one\nCOPY $NAME /x\nCOPY b /b\n',
      ...given({ NAME: 'two' }),
    },
    {
      '0/1': 'instruction COPY $NAME /a -> COPY $NAME /x; variables ARG NAME=one->two',
      '0/2': 'earlier-step 0/1 rebuilt',
    },
  ),
  changeCase(
    'a variable that looks like a secret',
    {
      dockerfile: 'FROM scratch\nARG API_KEY=hush-1\nCOPY b /$API_KEY\n',
      tree: { b: 'b' },
    },
    given({ API_KEY: 'hush-2' }),
    { '0/1': 'variables ARG API_KEY secret changed' },
  ),
  changeCase(
    'a path that a secret is in',
    {
      dockerfile: 'FROM scratch\nARG TOKEN=hush-1\nWORKDIR /w-$TOKEN\nCOPY b ./\n',
      tree: { b: 'b' },
    },
    given({ TOKEN: 'hush-2' }),
    {
      '0/1': 'variables ARG TOKEN secret changed',
      '0/2': 'settings destination=->; earlier-step 0/1 rebuilt',
    },
  ),
  changeCase(
    'the platform of an ARG',
    {
      dockerfile: 'FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /a\n',
      tree: { amd64: 'x', arm64: 'y' },
      request: { platform: 'linux/amd64' },
    },
    { request: { platform: 'linux/arm64' } },
    { '0/1': 'platform linux/amd64 -> linux/arm64' },
  ),
  changeCase(
    'the platform of a step that does not care',
    {
      dockerfile: 'FROM scratch\nCOPY a /a\n',
      tree: { a: 'a' },
      request: { platform: 'linux/amd64' },
    },
    { request: { platform: 'linux/arm64' } },
    {},
  ),
];

import { changeCase, type ExplainCase, type Project } from './explain-case.ts';

const TWO: Project = {
  dockerfile: 'FROM scratch\nCOPY a /a\nCOPY b /b\n',
  tree: { a: 'a', b: 'b', c: 'c' },
};
const THREE: Project = { ...TWO, dockerfile: 'FROM scratch\nCOPY a /a\nCOPY b /b\nCOPY c /c\n' };
const lines = (...text: readonly string[]): string => `FROM scratch\n${text.join('\n')}\n`;

export const INSTRUCTION_CASES: readonly ExplainCase[] = [
  { name: 'a first build', before: [], after: TWO, missed: { '0/1': 'new', '0/2': 'new' } },
  changeCase('nothing', TWO, {}, {}),
  changeCase(
    'the last instruction',
    TWO,
    { dockerfile: lines('COPY a /a', 'COPY b /c') },
    {
      '0/2': 'instruction COPY b /b -> COPY b /c',
    },
  ),
  changeCase(
    'the first instruction',
    TWO,
    { dockerfile: lines('COPY a /x', 'COPY b /b') },
    {
      '0/1': 'instruction COPY a /a -> COPY a /x',
      '0/2': 'earlier-step 0/1 rebuilt',
    },
  ),
  changeCase(
    'both',
    TWO,
    { dockerfile: lines('COPY a /x', 'COPY b /y') },
    {
      '0/1': 'instruction COPY a /a -> COPY a /x',
      '0/2': 'instruction COPY b /b -> COPY b /y; earlier-step 0/1 rebuilt',
    },
  ),
  changeCase('one added at the end', TWO, { dockerfile: THREE.dockerfile }, { '0/3': 'new' }),
  changeCase(
    'one put in above',
    THREE,
    { dockerfile: lines('COPY a /a', 'COPY c /0', 'COPY b /b', 'COPY c /c') },
    {
      '0/2': 'new',
      '0/3': 'earlier-step 0/2 rebuilt',
      '0/4': 'earlier-step 0/2 rebuilt',
    },
  ),
  changeCase(
    'two put in above',
    TWO,
    { dockerfile: lines('COPY c /1', 'COPY c /2', 'COPY a /a', 'COPY b /b') },
    {
      '0/1': 'new',
      '0/2': 'new',
      '0/3': 'earlier-step 0/1 rebuilt',
      '0/4': 'earlier-step 0/1 rebuilt',
    },
  ),
  changeCase(
    'one taken out above',
    THREE,
    { dockerfile: lines('COPY a /a', 'COPY c /c') },
    {
      '0/2': 'removed-step COPY b /b',
    },
  ),
  changeCase(
    'the first taken out',
    THREE,
    { dockerfile: lines('COPY b /b', 'COPY c /c') },
    {
      '0/1': 'removed-step COPY a /a',
      '0/2': 'earlier-step 0/1 rebuilt',
    },
  ),
  changeCase('the last taken out', THREE, { dockerfile: TWO.dockerfile }, {}),
  changeCase(
    'two in the other order',
    TWO,
    { dockerfile: lines('COPY b /b', 'COPY a /a') },
    {
      '0/1': 'earlier-step 0/2 moved',
      '0/2': 'earlier-step 0/1 rebuilt',
    },
  ),
  changeCase(
    'blanks and a comment',
    TWO,
    { dockerfile: '# copies\nFROM scratch\nCOPY   a  /a\n# more\nCOPY b \\\n /b\n' },
    {},
  ),
  changeCase(
    'COPY becomes ADD',
    TWO,
    { dockerfile: lines('COPY a /a', 'ADD b /b') },
    {
      '0/2': 'instruction COPY b /b -> ADD b /b',
    },
  ),
  changeCase(
    'a flag',
    TWO,
    { dockerfile: lines('COPY a /a', 'COPY --chmod=700 b /b') },
    {
      '0/2': 'instruction COPY b /b -> COPY --chmod=700 b /b',
    },
  ),
  changeCase(
    'a flag of the owner',
    TWO,
    { dockerfile: lines('COPY a /a', 'COPY --chown=1:2 b /b') },
    {
      '0/2': 'instruction COPY b /b -> COPY --chown=1:2 b /b',
    },
  ),
  changeCase(
    'WORKDIR moves what is relative',
    {
      dockerfile: lines('WORKDIR /one', 'COPY a ./'),
      tree: { a: 'a' },
    },
    { dockerfile: lines('WORKDIR /two', 'COPY a ./') },
    {
      '0/1': 'instruction WORKDIR /one -> WORKDIR /two',
      '0/2': 'settings destination=/one/->/two/; earlier-step 0/1 rebuilt',
    },
  ),
  changeCase(
    'USER owns what WORKDIR makes',
    {
      dockerfile: lines('COPY passwd /etc/passwd', 'USER one', 'WORKDIR /w'),
      tree: { passwd: 'one:x:1:1::/:/\ntwo:x:2:2::/:/\n' },
    },
    { dockerfile: lines('COPY passwd /etc/passwd', 'USER two', 'WORKDIR /w') },
    {
      '0/2': 'settings user=one->two',
    },
  ),
  changeCase(
    'a heredoc',
    { dockerfile: lines('COPY <<E /e', 'one', 'E') },
    { dockerfile: lines('COPY <<E /e', 'two', 'E') },
    {
      '0/1': 'instruction COPY <<E /e\none\nE -> COPY <<E /e\ntwo\nE',
    },
  ),
  changeCase(
    'metadata changes nothing',
    TWO,
    { dockerfile: lines('LABEL a=b', 'COPY a /a', 'EXPOSE 80', 'COPY b /b', 'CMD ["x"]') },
    {},
  ),
  {
    name: 'back to what was built before is a hit',
    before: [TWO, { ...TWO, dockerfile: lines('COPY a /x', 'COPY b /y') }],
    after: TWO,
    missed: {},
  },
  {
    name: 'the nearest earlier build is compared, not the last',
    before: [TWO, { ...TWO, dockerfile: lines('COPY a /a', 'COPY --chmod=700 c /other') }],
    after: { ...TWO, tree: { a: 'a', b: 'B' } },
    missed: { '0/2': 'files ~b' },
  },
  {
    name: 'it did not end well the last time',
    before: [{ ...TWO, dockerfile: lines('COPY a /a', 'COPY --chown=nobody b /b'), fails: true }],
    after: { ...TWO, dockerfile: lines('COPY a /a', 'COPY --chown=nobody b /b'), fails: true },
    missed: { '0/2': 'unfinished' },
  },
  {
    name: '--no-cache',
    before: [TWO],
    after: { ...TWO, tree: { ...TWO.tree, a: 'A' }, request: { noCache: true } },
    missed: { '0/1': 'no-cache', '0/2': 'no-cache' },
  },
  {
    name: 'WORKDIR is looked up in spite of --no-cache',
    before: [{ dockerfile: lines('WORKDIR /w') }],
    after: { dockerfile: lines('WORKDIR /w'), request: { noCache: true } },
    missed: {},
  },
  {
    name: 'after --no-cache what it made is found',
    before: [TWO, { ...TWO, tree: { ...TWO.tree, a: 'A' }, request: { noCache: true } }],
    after: { ...TWO, tree: { ...TWO.tree, a: 'A' } },
    missed: {},
  },
];

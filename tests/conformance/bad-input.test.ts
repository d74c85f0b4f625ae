import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../electron/engine/store/open-store.ts';
import { temporaryTree, type Tree } from '../integration/support/tree.ts';
import type { BadInput } from './bad-input/bad-input.ts';
import { BUILD_CASES } from './bad-input/build-cases.ts';
import { COMMAND_CASES } from './bad-input/command-cases.ts';
import { slipwayHere, type CommandResult } from './bad-input/command-line.ts';
import { CONTEXT_CASES } from './bad-input/context-cases.ts';
import { WRONG_DOCKERFILES } from './dockerfile/wrong-dockerfiles.ts';

/** Whatever a person gets wrong is answered with one sentence and exit code 1, and leaves the store as it was. */

let directory: string;
let store: string;
/** As of the end of the case before. */
let contents: StoreContents;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-bad-input-'));
  store = join(directory, 'store');
  await build('base', {
    Dockerfile: 'FROM scratch\nCOPY root /\n',
    'root/file': 'file\n',
    'root/ring': { symlink: 'ring' },
    'root/etc/passwd': 'app:x:1000:1000::/:/bin/sh\n',
    'root/etc/group': 'app:x:1000:\n',
  });
  await build('triggers', { Dockerfile: 'FROM scratch\nONBUILD COPY wanted /\n' });
  contents = await contentsOf(store);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe.each([
  ['contexts', CONTEXT_CASES],
  ['builds', BUILD_CASES],
  ['commands', COMMAND_CASES],
])('%s', (_, cases) => {
  test.each(cases)('$name', expectRefusal);

  test('no two have the same name', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });
});

describe('Dockerfiles', () => {
  test.each(WRONG_DOCKERFILES)('$name', ({ text, line, hint }) =>
    expectRefusal({
      name: '',
      tree: { Dockerfile: text },
      place: `Dockerfile:${line}`,
      says: '',
      ...(hint === undefined ? {} : { hint }),
    }),
  );
});

test('after all that a good project still builds, from the same base', async () => {
  await build('good', { Dockerfile: 'FROM base\nCOPY a /a\n', a: 'a\n' });
  const images = await slipwayHere(['images'], { cwd: directory, store });
  expect(images.stdout).toContain('good:latest');
});

async function expectRefusal({ tree, words = ['build', '.'], place, says, hint }: BadInput): Promise<void> {
  const folder = await temporaryTree(tree);
  try {
    const result = await slipwayHere(words, { cwd: folder, store });
    const before = contents;
    contents = await contentsOf(store);
    expect(contents).toEqual(before);
    expect(result.code, result.stderr).toBe(1);
    expectOneSentence(result, place, says);
    if (hint !== undefined) expect(hintOf(result)).toContain(hint);
    expect(readdirSync(folder).sort()).toEqual([...new Set(Object.keys(tree).map(topOf))].sort());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A second sentence, a stack, or what a program calls things. */
const NOT_FOR_PEOPLE =
  /\. [A-Z]|\bError\b|undefined|\[object|\bE(?:NOENT|EXIST|ACCES|ISDIR|NOTDIR|LOOP|NOSPC|INVAL|NXIO)\b|\bNaN\b| at .*:\d+:\d+/;

/** The last thing said is the error: a place where there is one, then one sentence, then at most a hint. */
function expectOneSentence({ stderr }: CommandResult, place: string | undefined, says: string): void {
  const lines = stderr.trimEnd().split('\n');
  const errors = lines.filter((line) => line.startsWith('error:'));
  expect(errors, stderr).toHaveLength(1);
  const [error = ''] = errors;
  expect(lines.slice(lines.indexOf(error) + 1).every((line) => line.startsWith('  hint: '))).toBe(true);
  const start = place === undefined ? 'error: ' : `error: ${place}: `;
  expect(error.slice(0, start.length)).toBe(start);
  const sentence = error.slice(start.length);
  expect(sentence).toMatch(/^["A-Z/-].*[^.]\.$/);
  expect(sentence).not.toMatch(NOT_FOR_PEOPLE);
  expect(sentence.length).toBeLessThanOrEqual(300);
  expect(sentence).toContain(says);
}

function hintOf({ stderr }: CommandResult): string {
  return /^ {2}hint: (.*)$/m.exec(stderr)?.[1] ?? '';
}

interface StoreContents {
  readonly images: readonly string[];
  readonly references: readonly string[];
  readonly blobs: readonly string[];
  readonly ingest: readonly string[];
}

/** What a store holds, once opening it has swept away what nothing keeps. */
async function contentsOf(root: string): Promise<StoreContents> {
  const opened = await openStore({ root });
  try {
    return {
      images: opened.images.list().map(({ descriptor }) => descriptor.digest),
      references: opened.references.list().map(({ reference }) => reference),
      blobs: readdirSync(join(root, 'blobs/sha256')).sort(),
      ingest: readdirSync(join(root, 'ingest')),
    };
  } finally {
    opened.close();
  }
}

async function build(name: string, tree: Tree): Promise<void> {
  const folder = await temporaryTree(tree);
  try {
    const result = await slipwayHere(['build', '-t', name, '.'], { cwd: folder, store });
    expect(result.code, result.stderr).toBe(0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function topOf(path: string): string {
  return path.split('/')[0]!;
}

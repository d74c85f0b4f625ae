import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { slipway, startSlipway, type CliResult } from './support/cli.ts';
import { SMALL_PROJECT, useCliBench, type Inspected } from './support/cli-bench.ts';
import { run } from './support/run.ts';
import { writeTree } from './support/tree.ts';

/** The images of the store on the command line, the store itself, and what an interrupt leaves in it. */

const { place, project, store, cli, build, json } = useCliBench();

describe('the images of the store', () => {
  let shared: string;
  let id: string;
  beforeAll(async () => {
    shared = await mkdtemp(join(tmpdir(), 'slipway-cli-'));
    await writeTree(shared, SMALL_PROJECT);
    const args = ['--store', join(shared, 'store'), 'build', '-q', '-t', 'app:1', '-t', 'other', shared];
    id = (await slipway(args)).stdout.trimEnd();
  });
  afterAll(() => rm(shared, { recursive: true, force: true }));
  // Reading commands share a store; those that change one work on a copy.
  const from = (): readonly string[] => ['--store', join(shared, 'store')];
  const read = (...args: string[]): Promise<CliResult> => cli(...from(), ...args);
  const copied = (): void => cpSync(join(shared, 'store'), store(), { recursive: true });

  test('images, as a table, as JSON, as ids', async () => {
    const table = (await read('images')).stdout;
    expect(table).toMatch(/^REFERENCE +ID +PLATFORM +CREATED +SIZE\n/);
    expect(table).toContain(`app:1         ${id.slice(7, 19)}`);
    const [image, ...more] = await json<Inspected[]>(...from(), 'images', '--json');
    expect(more).toEqual([]);
    expect(image).toMatchObject({
      config: id,
      references: ['docker.io/library/app:1', 'docker.io/library/other:latest'],
    });
    expect((await read('images', '-q')).stdout).toBe(`${id}\n`);
  });

  test('history, newest first; --json oldest first', async () => {
    const table = (await read('history', 'app:1')).stdout.trimEnd().split('\n');
    expect(table[1]).toContain('CMD ["/a.txt"]');
    const rows = await json<{ createdBy: string; emptyLayer: boolean }[]>(
      ...from(),
      'history',
      '--json',
      'other',
    );
    expect(rows.map(({ createdBy, emptyLayer }) => [createdBy, emptyLayer])).toEqual([
      ['ARG WHO=nobody', true],
      ['LABEL who=nobody', true],
      ['COPY a.txt /a.txt # buildkit', false],
      ['WORKDIR /w', false],
      ['COPY b.txt ./ # buildkit', false],
      ['CMD ["/a.txt"]', true],
    ]);
  });

  test('inspect by name, by id, by the beginning of an id', async () => {
    const byName = await json<Inspected>(...from(), 'inspect', 'app:1');
    for (const text of [id, id.slice(7), id.slice(7, 19), byName.id]) {
      expect(await json<Inspected>(...from(), 'inspect', text)).toEqual(byName);
    }
  });

  test('tag, and rmi of names until the image goes', async () => {
    copied();
    expect(await cli('tag', 'app:1', 'third:x', 'localhost:5000/fourth')).toMatchObject({ code: 0 });
    const names = async (): Promise<readonly string[]> =>
      (await json<Inspected[]>('images', '--json'))[0]?.references ?? [];
    expect(await names()).toHaveLength(4);
    expect((await cli('rmi', 'app:1', 'localhost:5000/fourth', 'third:x')).stdout).toBe(
      'Untagged app:1.\nUntagged localhost:5000/fourth:latest.\nUntagged third:x.\n',
    );
    expect(await names()).toEqual(['docker.io/library/other:latest']);
    expect((await cli('rmi', 'other')).stdout).toMatch(/^Removed [0-9a-f]{12}, freed /);
    expect(await json<Inspected[]>('images', '--json')).toEqual([]);
  });

  test('rmi by id takes every name with it', async () => {
    copied();
    expect(await cli('rmi', id)).toMatchObject({ code: 0 });
    expect(await json<Inspected[]>('images', '--json')).toEqual([]);
  });

  test.each(['oci', 'docker'])('save --format %s and load into another store', async (format) => {
    const archive = join(place(), 'saved.tar');
    expect(await read('save', 'app:1', '-o', archive, '--format', format)).toMatchObject({ code: 0 });
    const elsewhere = ['--store', join(place(), 'elsewhere')];
    const loaded = await json<{ images: string[]; references: string[] }>(
      ...elsewhere,
      'load',
      '--json',
      archive,
    );
    expect(loaded.references).toEqual(['docker.io/library/app:1', 'docker.io/library/other:latest']);
    const image = await json<Inspected>(...elsewhere, 'inspect', 'app:1');
    expect(image.config).toBe(id);
    expect((await cli(...elsewhere, 'load', archive)).stdout).toBe('Loaded app:1\nLoaded other:latest\n');
  });

  test('save to standard output', async () => {
    const { code, bytes } = await read('save', 'app:1', '-o', '-');
    expect(code).toBe(0);
    writeFileSync(join(place(), 'stdout.tar'), bytes);
    expect(await run('tar', '-tf', join(place(), 'stdout.tar'))).toContain('oci-layout');
  });

  test.each([
    ['history', 'nothing'],
    ['inspect', 'sha256:1234'],
    ['tag', 'nothing', 'x'],
    ['tag', 'app:1', 'UPPER'],
    ['rmi', 'nothing:1'],
    ['save', 'nothing', '-o', 'x.tar'],
    ['load', 'no-such-file.tar'],
  ])('%s %s: one sentence and exit code 1', async (...words) => {
    const { code, stdout, stderr } = await read(...words);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: [^\n]+\n( {2}hint: [^\n]+\n)?$/);
  });
});

describe('the store', () => {
  test('--store wins over $SLIPWAY_STORE, which wins over $XDG_DATA_HOME', async () => {
    const env = { SLIPWAY_STORE: join(place(), 'by-env'), XDG_DATA_HOME: join(place(), 'data') };
    await slipway(['--store', 'by-flag', 'build', project()], { cwd: place(), env });
    expect(['by-flag', 'by-env', 'data'].map((name) => existsSync(join(place(), name)))).toEqual([
      true,
      false,
      false,
    ]);
    await slipway(['build', project()], { cwd: place(), env });
    expect([existsSync(join(place(), 'by-env/oci-layout')), existsSync(join(place(), 'data'))]).toEqual([
      true,
      false,
    ]);
    await slipway(['build', project()], { cwd: place(), env: { ...env, SLIPWAY_STORE: undefined } });
    expect(existsSync(join(place(), 'data/slipway/oci-layout'))).toBe(true);
  });

  test.each([['--help'], ['--version'], ['build', '--help'], ['images', '--help'], ['help', 'build']])(
    '%s %s does not touch it',
    async (...words) => {
      expect(await cli(...words)).toMatchObject({ code: 0, stderr: '' });
      expect(existsSync(store())).toBe(false);
    },
  );

  test('doctor says what RUN has here, and fails where something is missing', async () => {
    interface Check {
      readonly id: string;
      readonly state: string;
    }
    const { code, stdout } = await cli('doctor', '--json');
    const checks = JSON.parse(stdout) as readonly Check[];
    expect(checks.length).toBeGreaterThan(0);
    expect(code).toBe(checks.some(({ state }) => state === 'missing') ? 1 : 0);
    const env = { SLIPWAY_STORE: store(), PATH: join(place(), 'nothing') };
    const bare = await slipway(['doctor'], { env });
    expect(bare.code).toBe(1);
    expect(bare.stdout).toMatch(/^STATE +CHECK +FOUND\n/);
    expect(bare.stdout).toMatch(/\nmissing /);
    expect(bare.stdout).toMatch(/\nTo put it right:\n {2}\S/);
  });

  test('no command at all is an error that shows the help', async () => {
    const { code, stderr } = await cli();
    expect(code).toBe(1);
    expect(stderr).toContain('Usage: slipway');
    expect(existsSync(store())).toBe(false);
  });

  test('two builds at once into one store', async () => {
    const other = join(place(), 'other');
    mkdirSync(other);
    await writeTree(other, {
      Dockerfile: 'FROM scratch\nCOPY a.txt b.txt /x/\n',
      'a.txt': 'a',
      'b.txt': 'c',
    });
    const results = await Promise.all([
      build('-t', 'one', '-t', 'shared:1'),
      cli('build', '-t', 'two', '-t', 'shared:2', other),
      build('-t', 'three', '--no-cache'),
    ]);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    const images = await json<Inspected[]>('images', '--json');
    expect(images.flatMap(({ references }) => references).sort()).toEqual(
      ['one:latest', 'shared:1', 'shared:2', 'three:latest', 'two:latest'].map(
        (name) => `docker.io/library/${name}`,
      ),
    );
    for (const name of ['one', 'two', 'three'])
      await run('skopeo', 'inspect', `oci:${store()}:${name}:latest`);
  });
});

describe('an interrupt', () => {
  let big: string;
  beforeAll(async () => {
    big = await mkdtemp(join(tmpdir(), 'slipway-big-'));
    writeFileSync(join(big, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
    for (let i = 0; i < 4; i++) writeFileSync(join(big, `part-${i}`), Buffer.alloc(32 << 20, i));
  });
  afterAll(() => rm(big, { recursive: true, force: true }));

  test.each(['load the build context', 'COPY . /'])('while it says "%s"', async (text) => {
    const env = { SLIPWAY_STORE: store() };
    const { child, printed, result } = startSlipway(['build', '--progress=plain', '-t', 'big', big], { env });
    await printed(text);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await result;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toMatch(/\nInterrupted\.\n$/);
    expect(await json<Inspected[]>('images', '--json')).toEqual([]);
    expect(await cli('build', '-t', 'big', big)).toMatchObject({ code: 0 });
    expect(await json<Inspected[]>('images', '--json')).toHaveLength(1);
  });
});

import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { REFUSED_FLAGS, refuseFlags } from '../../electron/cli/build-flags.ts';
import { CLI_COMMAND, slipway, startSlipway, type CliResult } from './support/cli.ts';
import { listDirectory } from './support/listing.ts';
import { run } from './support/run.ts';
import { writeTree } from './support/tree.ts';

/** The command line as people and scripts use it: a process, its exit code, and what it prints. */

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const DOCKERFILE = `FROM scratch AS base
ARG WHO=nobody
LABEL who=$WHO
COPY a.txt /a.txt
FROM base
WORKDIR /w
COPY b.txt ./
CMD ["/a.txt"]
`;

let place: string;
let project: string;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'slipway-cli-'));
  project = join(place, 'project');
  mkdirSync(project);
  await writeTree(project, { Dockerfile: DOCKERFILE, 'a.txt': 'a', 'b.txt': 'b' });
});
afterEach(() => rm(place, { recursive: true, force: true }));

const store = (): string => join(place, 'store');
const cli = (...args: string[]): Promise<CliResult> =>
  slipway(args, { cwd: place, env: { SLIPWAY_STORE: store() } });
const build = (...args: string[]): Promise<CliResult> => cli('build', ...args, project);

async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await cli(...args);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

interface Inspected {
  readonly id: string;
  readonly config: string;
  readonly references: readonly string[];
  readonly platform: string;
  readonly configJson: { readonly config: { readonly Labels?: Record<string, string> } };
}

describe('slipway build', () => {
  test('several tags; the id goes to nowhere but standard error', async () => {
    const { code, stdout, stderr } = await build('-t', 'app', '--tag', 'team/app:2');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/Built [0-9a-f]{12}, tagged app:latest, team\/app:2\.\n$/);
    const image = await json<Inspected>('inspect', 'app');
    expect(image.references).toEqual(['docker.io/library/app:latest', 'docker.io/team/app:2']);
  });

  test('-f outside the context, relative to the working directory', async () => {
    mkdirSync(join(place, 'elsewhere'));
    writeFileSync(join(place, 'elsewhere/Other'), 'FROM scratch\nCOPY b.txt /from-other\n');
    const local = join(place, 'out');
    expect(await build('-f', 'elsewhere/Other', '-o', local)).toMatchObject({ code: 0 });
    expect([...listDirectory(local).keys()]).toEqual(['from-other']);
  });

  test('--target', async () => {
    const local = join(place, 'out');
    expect(await build('--target', 'base', '-o', local)).toMatchObject({ code: 0 });
    expect([...listDirectory(local).keys()]).toEqual(['a.txt']);
  });

  test('--build-arg with a value, and from the environment', async () => {
    await build('-t', 'given', '--build-arg', 'WHO=me=you');
    const environment = { SLIPWAY_STORE: store(), WHO: 'from env' };
    await slipway(['build', '-t', 'env', '--build-arg', 'WHO', project], { cwd: place, env: environment });
    await build('-t', 'unset', '--build-arg', 'WHO');
    const who = async (name: string): Promise<string | undefined> =>
      (await json<Inspected>('inspect', name)).configJson.config.Labels?.['who'];
    expect([await who('given'), await who('env'), await who('unset')]).toEqual([
      'me=you',
      'from env',
      'nobody',
    ]);
  });

  test('a build argument that nothing declares is warned about', async () => {
    const { code, stderr } = await build('--build-arg', 'NOBODY=1');
    expect(code).toBe(0);
    expect(stderr).toContain('warning: Build argument NOBODY is not declared by any ARG.');
  });

  test('--label adds to and wins over the Dockerfile', async () => {
    await build('-t', 'app', '--label', 'who=flag', '--label', 'empty');
    const image = await json<Inspected>('inspect', 'app');
    expect(image.configJson.config.Labels).toEqual({ who: 'flag', empty: '' });
  });

  test('--no-cache runs every step again, and equal results stay the same image', async () => {
    const first = await build('-q');
    const cached = await build('--progress=plain');
    expect(cached.stderr.match(/ CACHED$/gm)).toHaveLength(3);
    const again = await build('--no-cache', '--progress=plain');
    expect(again.stderr).not.toContain('CACHED');
    expect((await build('-q')).stdout).toBe(first.stdout);
  });

  test('--iidfile and --metadata-file', async () => {
    writeFileSync(join(place, 'iid'), 'old');
    expect(await build('-t', 'app', '--iidfile', 'iid', '--metadata-file', 'meta.json')).toMatchObject({
      code: 0,
    });
    const image = await json<Inspected>('inspect', 'app');
    expect(readFileSync(join(place, 'iid'), 'utf8')).toBe(image.config);
    expect(JSON.parse(readFileSync(join(place, 'meta.json'), 'utf8'))).toMatchObject({
      'containerimage.digest': image.id,
      'containerimage.config.digest': image.config,
      'image.name': 'docker.io/library/app:latest',
    });
  });

  test('--iidfile of a build that fails is not left from the build before', async () => {
    writeFileSync(join(place, 'iid'), 'old');
    writeFileSync(join(project, 'Dockerfile'), 'FROM scratch\nCOPY missing /\n');
    expect(await build('--iidfile', 'iid')).toMatchObject({ code: 1 });
    expect(existsSync(join(place, 'iid'))).toBe(false);
  });

  test('-q prints the id and nothing else', async () => {
    const { code, stdout, stderr } = await build('-q');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd()).toMatch(DIGEST);
  });

  test('--json prints one line for scripts', async () => {
    const { stdout } = await build('--json', '-t', 'app');
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect((JSON.parse(stdout) as Record<string, string>)['containerimage.digest']).toMatch(DIGEST);
  });

  test('--progress=plain has a line for each thing that happens', async () => {
    const { stderr } = await build('--progress=plain');
    expect(stderr).not.toContain('\u001b');
    expect(stderr).toMatch(/^#\d+ \[base 1\/1\] COPY a\.txt \/a\.txt$/m);
    expect(stderr).toMatch(/^#\d+ \[stage-1 2\/2\] COPY b\.txt \.\/$/m);
    expect(stderr).toMatch(/^#\d+ DONE \d+\.\ds/m);
  });

  test('on a terminal lines are drawn in place, with colours unless NO_COLOR says no', async () => {
    const onTerminal = async (environment: string): Promise<string> => {
      const words = [...CLI_COMMAND, 'build', '--store', store(), '-t', 'app', project];
      const command = `${environment} TERM=xterm ${words.map((word) => `'${word}'`).join(' ')}`;
      return run('script', '-qec', command, '/dev/null');
    };
    const coloured = await onTerminal('env -u NO_COLOR');
    expect(coloured).toContain('\u001b[32m');
    expect(coloured).toContain('COPY a.txt /a.txt');
    expect(coloured).toMatch(/tagged app:latest\.\r\n/);
    const plain = await onTerminal('NO_COLOR=1');
    expect(plain).not.toMatch(/\u001b\[3\dm/);
    expect(plain).toContain('cached');
  });

  test('--progress=tty works in a pipe too', async () => {
    const { code, stderr } = await build('--progress=tty');
    expect(code).toBe(0);
    expect(stderr).toContain('\u001b[J');
  });

  test('--platform', async () => {
    await build('-t', 'arm', '--platform', 'linux/arm64/v8');
    expect((await json<Inspected>('inspect', 'arm')).platform).toMatch(/^linux\/arm64/);
  });
});

describe('slipway build --output', () => {
  test.each([
    ['type=oci,dest=image.tar', ['index.json', 'oci-layout']],
    ['type=docker,dest=image.tar', ['manifest.json']],
    ['type=tar,dest=image.tar', ['a.txt', 'w/', 'w/b.txt']],
  ])('%s', async (spec, members) => {
    expect(await build('-o', spec)).toMatchObject({ code: 0 });
    const names = (await run('tar', '-tf', join(place, 'image.tar'))).split('\n');
    expect(names).toEqual(expect.arrayContaining(members));
  });

  test.each(['type=local,dest=out', './out'])('%s', async (spec) => {
    expect(await build('--output', spec)).toMatchObject({ code: 0 });
    expect([...listDirectory(join(place, 'out')).keys()]).toEqual(['a.txt', 'w', 'w/b.txt']);
  });

  test.each([
    ['-', 'a.txt'],
    ['type=tar,dest=-', 'a.txt'],
    ['type=oci,dest=-', 'oci-layout'],
    ['type=docker,dest=-', 'manifest.json'],
  ])('%s is an archive on standard output and nothing else', async (spec, member) => {
    const { code, bytes } = await build('-o', spec);
    expect(code).toBe(0);
    const archive = join(place, 'stdout.tar');
    writeFileSync(archive, bytes);
    expect((await run('tar', '-tf', archive)).split('\n')).toContain(member);
  });

  test.each([
    ['type=registry', '--output type "registry" is not known.'],
    ['type=oci', '--output type=oci needs dest=PATH.'],
    ['type=local,dest=-', '--output type=local needs dest=PATH.'],
    ['type=oci,dest=x,compression=zstd', '--output does not know "compression".'],
  ])('%s is refused', async (spec, message) => {
    const { code, stderr } = await build('-o', spec);
    expect(code).toBe(1);
    expect(stderr).toContain(`error: ${message}`);
  });
});

describe('what slipway build refuses', () => {
  test.each(REFUSED_FLAGS)('%s, by name', (flag) => {
    const refused = expect.objectContaining({
      message: expect.stringContaining(`does not support ${flag}.`) as string,
    });
    for (const words of [
      ['build', flag, 'x', '.'],
      ['build', '.', `${flag}=x`],
    ]) {
      expect(() => refuseFlags(words)).toThrow(refused as Error);
    }
    expect(() => refuseFlags(['build', '--', flag])).not.toThrow();
  });

  test('a refused flag before anything is made', async () => {
    const { code, stdout, stderr } = await build('--secret', 'id=x');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: This version of Slipway does not support --secret\.\n/);
    expect(existsSync(store())).toBe(false);
  });

  test.each([
    [['--nonsense'], 'Option "--nonsense" is not known.'],
    [['--network=host'], 'does not support --network.'],
    [['--build-arg', '=x'], '--build-arg "=x" has no name'],
    [['-t', 'Not A Name'], 'Not A Name'],
    [['--platform', 'linux/amd64/v1/x'], 'linux/amd64/v1/x'],
    [['--target', 'nowhere'], 'nowhere'],
    [['-f', 'no/such/file'], 'no/such/file'],
  ])('%j', async (flags, message) => {
    const { code, stderr } = await build(...flags);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test.each(['-', 'https://example.com/x.git', 'git@github.com:a/b'])('the context %s', async (context) => {
    const { code, stderr } = await cli('build', context);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: A context from .* is not supported by this version\./);
  });

  test('an error shows the lines of the Dockerfile and what to do', async () => {
    writeFileSync(join(project, 'Dockerfile'), 'FROM scratch\nCOPPY a /\n');
    const { code, stderr } = await build('-t', 'app');
    expect(code).toBe(1);
    expect(stderr).toContain('> 2 | COPPY a /');
    expect(stderr).toMatch(/error: .*Dockerfile:2: .*COPPY/);
    expect((await cli('images', '-q')).stdout).toBe('');
  });
});

describe('the images of the store', () => {
  let shared: string;
  let id: string;
  beforeAll(async () => {
    shared = await mkdtemp(join(tmpdir(), 'slipway-cli-'));
    await writeTree(shared, { Dockerfile: DOCKERFILE, 'a.txt': 'a', 'b.txt': 'b' });
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
    const archive = join(place, 'saved.tar');
    expect(await read('save', 'app:1', '-o', archive, '--format', format)).toMatchObject({ code: 0 });
    const elsewhere = ['--store', join(place, 'elsewhere')];
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
    writeFileSync(join(place, 'stdout.tar'), bytes);
    expect(await run('tar', '-tf', join(place, 'stdout.tar'))).toContain('oci-layout');
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
    const env = { SLIPWAY_STORE: join(place, 'by-env'), XDG_DATA_HOME: join(place, 'data') };
    await slipway(['--store', 'by-flag', 'build', project], { cwd: place, env });
    expect(['by-flag', 'by-env', 'data'].map((name) => existsSync(join(place, name)))).toEqual([
      true,
      false,
      false,
    ]);
    await slipway(['build', project], { cwd: place, env });
    expect([existsSync(join(place, 'by-env/oci-layout')), existsSync(join(place, 'data'))]).toEqual([
      true,
      false,
    ]);
    await slipway(['build', project], { cwd: place, env: { ...env, SLIPWAY_STORE: undefined } });
    expect(existsSync(join(place, 'data/slipway/oci-layout'))).toBe(true);
  });

  test.each([['--help'], ['--version'], ['build', '--help'], ['images', '--help'], ['help', 'build']])(
    '%s %s does not touch it',
    async (...words) => {
      expect(await cli(...words)).toMatchObject({ code: 0, stderr: '' });
      expect(existsSync(store())).toBe(false);
    },
  );

  test('no command at all is an error that shows the help', async () => {
    const { code, stderr } = await cli();
    expect(code).toBe(1);
    expect(stderr).toContain('Usage: slipway');
    expect(existsSync(store())).toBe(false);
  });

  test('two builds at once into one store', async () => {
    const other = join(place, 'other');
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

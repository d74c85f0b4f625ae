import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REFUSED_FLAGS, refuseFlags } from '../../electron/cli/build-flags.ts';
import { CLI_COMMAND, slipway } from './support/cli.ts';
import { useCliBench, type Inspected } from './support/cli-bench.ts';
import { listDirectory } from './support/listing.ts';
import { run } from './support/run.ts';

/** `slipway build` as people and scripts use it: a process, its exit code, and what it prints and writes. */

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const { place, project, store, cli, build, json } = useCliBench();

describe('slipway build', () => {
  test('several tags; the id goes to nowhere but standard error', async () => {
    const { code, stdout, stderr } = await build('-t', 'app', '--tag', 'team/app:2');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/Built [0-9a-f]{12}, tagged app:latest, team\/app:2\.\n$/);
    const image = await json<Inspected>('inspect', 'app');
    expect(image.references).toEqual(['docker.io/library/app:latest', 'docker.io/team/app:2']);
  });

  test('-f outside the context, relative to the working directory', async () => {
    mkdirSync(join(place(), 'elsewhere'));
    writeFileSync(join(place(), 'elsewhere/Other'), 'FROM scratch\nCOPY b.txt /from-other\n');
    const local = join(place(), 'out');
    expect(await build('-f', 'elsewhere/Other', '-o', local)).toMatchObject({ code: 0 });
    expect([...listDirectory(local).keys()]).toEqual(['from-other']);
  });

  test('--target', async () => {
    const local = join(place(), 'out');
    expect(await build('--target', 'base', '-o', local)).toMatchObject({ code: 0 });
    expect([...listDirectory(local).keys()]).toEqual(['a.txt']);
  });

  test('--build-arg with a value, and from the environment', async () => {
    await build('-t', 'given', '--build-arg', 'WHO=me=you');
    const environment = { SLIPWAY_STORE: store(), WHO: 'from env' };
    await slipway(['build', '-t', 'env', '--build-arg', 'WHO', project()], {
      cwd: place(),
      env: environment,
    });
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

  test('--no-cache runs every step but WORKDIR again, and equal results stay the same image', async () => {
    const first = await build('-q');
    const cached = await build('--progress=plain');
    expect(cached.stderr.match(/ CACHED$/gm)).toHaveLength(3);
    const again = await build('--no-cache', '--progress=plain');
    expect(again.stderr.match(/ CACHED$/gm)).toHaveLength(1);
    expect((await build('-q')).stdout).toBe(first.stdout);
  });

  test('--iidfile and --metadata-file', async () => {
    writeFileSync(join(place(), 'iid'), 'old');
    expect(await build('-t', 'app', '--iidfile', 'iid', '--metadata-file', 'meta.json')).toMatchObject({
      code: 0,
    });
    const image = await json<Inspected>('inspect', 'app');
    expect(readFileSync(join(place(), 'iid'), 'utf8')).toBe(image.config);
    expect(JSON.parse(readFileSync(join(place(), 'meta.json'), 'utf8'))).toMatchObject({
      'containerimage.digest': image.id,
      'containerimage.config.digest': image.config,
      'image.name': 'docker.io/library/app:latest',
    });
  });

  test('--iidfile of a build that fails is not left from the build before', async () => {
    writeFileSync(join(place(), 'iid'), 'old');
    writeFileSync(join(project(), 'Dockerfile'), 'FROM scratch\nCOPY missing /\n');
    expect(await build('--iidfile', 'iid')).toMatchObject({ code: 1 });
    expect(existsSync(join(place(), 'iid'))).toBe(false);
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

  test('on a terminal lines are drawn in place(), with colours unless NO_COLOR says no', async () => {
    const onTerminal = async (environment: string): Promise<string> => {
      const words = [...CLI_COMMAND, 'build', '--store', store(), '-t', 'app', project()];
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
    const names = (await run('tar', '-tf', join(place(), 'image.tar'))).split('\n');
    expect(names).toEqual(expect.arrayContaining(members));
  });

  test.each(['type=local,dest=out', './out'])('%s', async (spec) => {
    expect(await build('--output', spec)).toMatchObject({ code: 0 });
    expect([...listDirectory(join(place(), 'out')).keys()]).toEqual(['a.txt', 'w', 'w/b.txt']);
  });

  test.each([
    ['-', 'a.txt'],
    ['type=tar,dest=-', 'a.txt'],
    ['type=oci,dest=-', 'oci-layout'],
    ['type=docker,dest=-', 'manifest.json'],
  ])('%s is an archive on standard output and nothing else', async (spec, member) => {
    const { code, bytes } = await build('-o', spec);
    expect(code).toBe(0);
    const archive = join(place(), 'stdout.tar');
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
    const { code, stdout, stderr } = await build('--squash');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: This version of Slipway does not support --squash\.\n/);
    expect(existsSync(store())).toBe(false);
  });

  test.each([
    [['--nonsense'], 'Option "--nonsense" is not known.'],
    [['--cache-from=x'], 'does not support --cache-from.'],
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
    writeFileSync(join(project(), 'Dockerfile'), 'FROM scratch\nCOPPY a /\n');
    const { code, stderr } = await build('-t', 'app');
    expect(code).toBe(1);
    expect(stderr).toContain('> 2 | COPPY a /');
    expect(stderr).toMatch(/error: .*Dockerfile:2: .*COPPY/);
    expect((await cli('images', '-q')).stdout).toBe('');
  });
});

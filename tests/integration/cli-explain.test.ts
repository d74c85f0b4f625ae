import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useCliBench } from './support/cli-bench.ts';

const { build, cli, json, place, project, store } = useCliBench();
const change = (text: string): void => writeFileSync(join(project(), 'a.txt'), text);

describe('slipway build', () => {
  test('--explain says below each step that ran why', async () => {
    await build('--progress=plain');
    change('changed');
    const { stderr } = await build('--progress=plain', '--explain');
    expect(stderr).toMatch(/^#(\d+) \[base 1\/1\] COPY .*\n(?:.*\n)*?#\1 because a\.txt changed$/m);
    expect(stderr).toMatch(/ because step 1 of base was rebuilt$/m);
    expect((await build('--progress=plain')).stderr).not.toContain('because');
  });

  test('--dry-run says what would run, and does nothing', async () => {
    const first = await build('--dry-run', '-t', 'app', '--iidfile', 'iid');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain(
      '[base 1/1] COPY a.txt /a.txt\n  will run, because it was not built before\n',
    );
    expect(existsSync(join(place(), 'iid'))).toBe(false);
    expect(await json('images', '--json')).toEqual([]);

    await build('-t', 'app');
    expect((await build('--dry-run')).stdout).toContain('All 3 steps cached.');
    change('changed');
    const { stdout } = await build('--dry-run');
    expect(stdout).toMatch(/\n1 will run, 2 may run: a\.txt changed\.\n$/);
    const { steps } = await json<{ steps: { state: string }[] }>('build', '--dry-run', '--json', project());
    expect(steps.map(({ state }) => state)).toEqual(['miss', 'depends', 'depends']);
  });

  test('--dry-run fails where the build would', async () => {
    writeFileSync(join(project(), 'Dockerfile'), 'FROM scratch\nCOPY missing /\n');
    const { code, stderr } = await build('--dry-run');
    expect([code, stderr]).toEqual([1, expect.stringContaining('missing')]);
  });

  test('--no-cache-filter runs the steps of those stages, and what they make is found again', async () => {
    await build();
    const { stderr } = await build('--progress=plain', '--no-cache-filter', 'other,BASE', '--explain');
    expect(stderr).toContain('because the build was told not to use the cache for base');
    expect(stderr).toContain('--no-cache-filter other names no stage.');
    expect(stderr.match(/ CACHED$/gm)).toHaveLength(2);
    expect((await build('--progress=plain')).stderr.match(/ CACHED$/gm)).toHaveLength(3);
    const both = await build('--no-cache', '--no-cache-filter=base');
    expect([both.code, both.stderr]).toEqual([1, expect.stringContaining('cannot be used together')]);
  });
});

describe('slipway explain', () => {
  test('tells of a build of the past, and of one step', async () => {
    await build();
    change('changed');
    await build();
    const whole = await cli('explain', 'last');
    expect(whole.stdout.split('\n').slice(0, 2)).toEqual([
      '[base 1/1] COPY a.txt /a.txt',
      '  because a.txt changed',
    ]);
    expect((await cli('explain', 'last', 'stage-1/1')).stdout).toBe(
      '[stage-1 1/2] WORKDIR /w\n  because step 1 of base was rebuilt\n',
    );
    const [step] = await json<{ reason: { cause: { kind: string } } }[]>(
      'explain',
      'last',
      'base/1',
      '--json',
    );
    expect(step!.reason.cause.kind).toBe('files');
  });

  test('what is not there is said', async () => {
    expect(await cli('explain', 'last')).toMatchObject({ code: 1, stdout: '' });
    await build();
    expect((await cli('explain', 'nothing')).stderr).toContain('There is no build nothing.');
    expect((await cli('explain', 'last', 'base/9')).stderr).toContain('has no step base/9');
    expect((await cli('explain', '2')).stderr).toBe('');
  });

  test('a build whose log does not say why is shown all the same', async () => {
    await build();
    const { stdout: id } = await cli('explain', 'last', '--json');
    expect(id).toContain('"reason"');
    const [log] = readdirSync(join(store(), 'builds')).map((name) => join(store(), 'builds', name));
    const old = readFileSync(log!, 'utf8')
      .split('\n')
      .filter((line) => !line.includes('"step.cache"'));
    writeFileSync(log!, old.join('\n'));
    expect((await cli('explain', 'last', 'base/1')).stdout).toContain('this build does not say why');
  });
});

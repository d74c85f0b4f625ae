import { describe, expect, test } from 'vitest';
import { EngineError } from '../base/errors.ts';
import { parseDockerfile } from '../dockerfile/parse.ts';
import type { ImageConfig } from '../image/oci.ts';
import type { CopyDefinition, RunDefinition } from '../ops/definition.ts';
import type { BuildGraph, GraphStage } from './build-graph.ts';
import { planGraph } from './plan-graph.ts';
import { DEFAULT_RIGHTS, type RunRights } from './run-rights.ts';

const platform = { os: 'linux', architecture: 'amd64' };

interface Given {
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Config of every image asked for. */
  readonly base?: ImageConfig['config'];
  readonly rights?: RunRights;
}

function draw(
  text: string,
  { target, buildArgs = {}, base = {}, rights = DEFAULT_RIGHTS }: Given = {},
): BuildGraph {
  const dockerfile = parseDockerfile(text, 'Dockerfile');
  const images = new Map();
  for (;;) {
    const result = planGraph({
      ...{ dockerfile, target, buildArgs, platform, buildPlatform: platform, images, rights },
    });
    if (result.kind === 'graph') return result.graph;
    for (const { reference } of result.requests) {
      images.set(`${reference} linux/amd64/`, {
        reference,
        manifest: `sha256:${'0'.repeat(64)}`,
        config: { ...platform, config: base, rootfs: { type: 'layers', diff_ids: [] } },
        layers: [],
      });
    }
  }
}

const target = (text: string, given?: Given): GraphStage => draw(text, given).target;
const copies = (text: string, given?: Given): readonly CopyDefinition[] =>
  target(text, given).steps.flatMap(({ definition }) => ('sources' in definition ? definition : []));
const history = (text: string, given?: Given): readonly string[] =>
  target(text, given).history.map((line) => (line.kind === 'inherited' ? '' : line.createdBy));

function errorOf(work: () => unknown): EngineError {
  try {
    work();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}

describe('stages', () => {
  test('those the target does not need have no steps', () => {
    const graph = draw('FROM scratch AS a\nCOPY a /\nFROM scratch AS unused\nCOPY b /\nFROM a\nCOPY c /');
    expect(graph.stages.map((stage) => stage.needed)).toEqual([true, false, true]);
    expect(graph.steps.map((step) => step.id)).toEqual(['0/0', '2/0']);
    expect(graph.steps[1]).toMatchObject({ previous: '0/0', needs: ['0/0'] });
  });

  test('COPY --from reads a stage by number and by name, letter case aside', () => {
    const graph = draw(
      'FROM scratch AS Data\nCOPY a /\nFROM scratch\nCOPY --from=0 /a /b\nCOPY --from=DATA /a /c',
    );
    expect(graph.target.reads).toEqual([0]);
    expect(graph.target.steps.map((step) => step.needs)).toEqual([['0/0'], ['1/0', '0/0']]);
  });

  test.each<readonly [string, Given]>([
    ['FROM scratch AS first\nCOPY --from=later /a /\nFROM scratch AS later', { target: 'first' }],
    ['FROM scratch AS me\nCOPY --from=0 /a /', {}],
    ['FROM scratch\nCOPY --from=3 /a /', {}],
  ])('%s is refused', (text, given) => {
    const { code, file, range } = errorOf(() => draw(text, given));
    expect([code, file, range?.startLine]).toEqual(['STAGE_ORDER', 'Dockerfile', 2]);
  });

  test('a wrong target names the one that was meant', () => {
    const error = errorOf(() => draw('FROM scratch AS builder', { target: 'buildr' }));
    expect(error.code).toBe('TARGET_NOT_FOUND');
    expect(error.hint).toContain('builder');
  });

  test('a stage continues another with its config, variables and history', () => {
    const stage = target('FROM scratch AS a\nARG V=1\nENV E=$V\nWORKDIR /w\nFROM a\nENV F=$V$E\nCOPY x .');
    expect(stage.config.Env).toEqual(expect.arrayContaining(['E=1', 'F=11']));
    expect(stage.steps.at(-1)?.definition).toMatchObject({ destination: '/w/' });
    expect(stage.history.map((line) => line.kind)).toEqual([
      'metadata',
      'metadata',
      'step',
      'metadata',
      'step',
    ]);
  });
});

describe('variables', () => {
  test.each<readonly [string, Given, string]>([
    ['ARG V=1\nFROM scratch\nARG V\nENV X=$V', {}, 'X=1'],
    ['ARG V=1\nFROM scratch\nENV X=$V', {}, 'X='],
    ['ARG V=1\nFROM scratch\nARG V=2\nENV X=$V', {}, 'X=2'],
    ['ARG V=1\nFROM scratch\nARG V=2\nENV X=$V', { buildArgs: { V: '3' } }, 'X=3'],
    ['FROM scratch\nENV V=env\nARG V=arg\nENV X=$V', {}, 'X=arg'],
    ['FROM scratch\nARG V=arg\nENV V=env\nENV X=$V', {}, 'X=env'],
    ['FROM scratch\nENV A=old\nENV A=new X=$A', {}, 'X=old'],
    ['FROM scratch\nARG TARGETARCH\nENV X=$TARGETARCH', {}, 'X=amd64'],
    ['FROM scratch AS fin\nARG TARGETSTAGE\nENV X=$TARGETSTAGE', {}, 'X=fin'],
    ['FROM scratch\nARG N=V\nARG V=7\nENV X=${V:-$N}', {}, 'X=7'],
    ['FROM scratch\nENV X=${NOPE:+a}${NOPE:-b}', {}, 'X=b'],
    ['FROM base\nENV X=$FROMBASE', { base: { Env: ['FROMBASE=yes'] } }, 'X=yes'],
  ])('%s', (text, given, pair) => {
    expect(target(text, given).config.Env).toContain(pair);
  });

  test('FROM is expanded with global ARGs', () => {
    expect(draw('ARG BASE=scratch\nFROM $BASE\nCOPY a /').target.base).toEqual({ kind: 'scratch' });
    expect(errorOf(() => draw('ARG BASE\nFROM $BASE\nCOPY a /')).code).toBe('FROM_EMPTY');
  });

  test('build arguments nobody declares are told', () => {
    expect(
      draw('FROM scratch\nARG A', { buildArgs: { A: '1', B: '2', HTTP_PROXY: 'x' } }).unusedBuildArgs,
    ).toEqual(['B']);
  });
});

describe('config', () => {
  test('ENTRYPOINT clears an inherited CMD, not one of the same stage', () => {
    expect(target('FROM scratch AS a\nCMD ["a"]\nFROM a\nENTRYPOINT ["e"]').config.Cmd).toBeUndefined();
    expect(target('FROM scratch\nCMD ["a"]\nENTRYPOINT ["e"]').config).toMatchObject({
      Cmd: ['a'],
      Entrypoint: ['e'],
    });
  });

  test('every metadata instruction', () => {
    const { config, author } = target(`FROM scratch
MAINTAINER me
SHELL ["/bin/bash", "-c"]
CMD echo hi
EXPOSE 80 90-91/UDP
VOLUME /v ["x"]
USER app
STOPSIGNAL SIGINT
HEALTHCHECK --interval=5s --retries=2 CMD true
ONBUILD COPY . /app
LABEL a="b c" d=e`);
    expect(author).toBe('me');
    expect(config).toMatchObject({
      Shell: ['/bin/bash', '-c'],
      Cmd: ['/bin/bash', '-c', 'echo hi'],
      ExposedPorts: { '80/tcp': {}, '90/udp': {}, '91/udp': {} },
      User: 'app',
      StopSignal: 'SIGINT',
      Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 5e9, Retries: 2 },
      OnBuild: ['COPY . /app'],
      Labels: { a: 'b c', d: 'e' },
    });
  });

  test('ONBUILD triggers of the base run first and are cleared', () => {
    const stage = target('FROM base\nCOPY b /', { base: { OnBuild: ['COPY a /', 'ENV T=1'] } });
    expect(stage.steps.map((step) => step.name)).toEqual(['FROM base', 'ONBUILD COPY a /', 'COPY b /']);
    expect(stage.config.OnBuild).toBeUndefined();
    expect(stage.config.Env).toContain('T=1');
  });

  test('the history stands in order', () => {
    expect(
      history('FROM scratch\nARG V=1\nENV A=$V\nWORKDIR /w\nCOPY --chown=1:2 a b/ ./\nCMD ["x","y"]'),
    ).toEqual(['ARG V=1', 'ENV A=1', 'WORKDIR /w', 'COPY --chown=1:2 a b/ ./ # buildkit', 'CMD ["x" "y"]']);
  });
});

describe('COPY', () => {
  test.each([
    ['COPY a b', '/b'],
    ['COPY a b/', '/b/'],
    ['COPY a .', '/'],
    ['WORKDIR /w\nCOPY a .', '/w/'],
    ['WORKDIR /w\nCOPY a ../x/', '/x/'],
    ['WORKDIR /w\nCOPY a ..', '/'],
    ['WORKDIR w\nWORKDIR v\nCOPY a ./f', '/w/v/f'],
    ['COPY a /x/.', '/x/'],
    ['ENV D=/d\nCOPY a $D/', '/d/'],
  ])('%s goes to %s', (text, destination) => {
    expect(copies(`FROM scratch\n${text}`)[0]?.destination).toBe(destination);
  });

  test('heredocs are expanded unless their word is quoted', () => {
    const [copy] = copies(`FROM scratch\nARG V=1\nCOPY <<A <<"B" <<-C /\nv=$V "q"\nA\nv=$V\nB\n\ttab\nC\n`);
    expect(copy?.inline.map(({ name, text }) => [name, text])).toEqual([
      ['A', 'v=1 "q"\n'],
      ['B', 'v=$V\n'],
      ['C', 'tab\n'],
    ]);
  });

  test('--link does nothing together with --chmod', () => {
    expect(copies('FROM scratch\nCOPY --link a /')[0]?.link).toBe(true);
    expect(copies('FROM scratch\nCOPY --link --chmod=600 a /')[0]?.link).toBe(false);
  });
});

describe('RUN', () => {
  const runs = (text: string, given?: Given): readonly RunDefinition[] =>
    target(text, given).steps.flatMap(({ definition }) => (definition.op === 'run' ? definition : []));

  test('mounts read stages, and wait for them; what reads none needs none', () => {
    const graph = draw(
      `FROM scratch AS a
COPY a /
FROM scratch AS b
COPY b /
FROM scratch AS unused
COPY c /
FROM scratch
RUN --mount=from=a,target=/a --mount=type=cache,from=B,target=/b --mount=from=0,target=/c true
RUN true`,
    );
    expect(graph.stages.map(({ needed }) => needed)).toEqual([true, true, false, true]);
    expect(graph.target.reads).toEqual([0, 1]);
    expect(graph.target.steps.map(({ needs }) => needs)).toEqual([['0/0', '1/0'], ['3/0']]);
  });

  test('mounts ask for images, and see the variables of the stage', () => {
    const [run] = runs(`FROM scratch
ARG D=/deps
WORKDIR /w
RUN --mount=from=tools:2,source=$D,target=$D/in --mount=type=cache,target=rel true`);
    expect(run?.mounts).toMatchObject([
      {
        type: 'bind',
        target: '/deps/in',
        source: '/deps',
        from: { kind: 'image', reference: 'docker.io/library/tools:2' },
      },
      { type: 'cache', target: '/w/rel', id: '/w/rel' },
    ]);
  });

  test('a plain command has no mounts, not even none', () => {
    expect(runs('FROM scratch\nRUN true')[0]).not.toHaveProperty('mounts');
    expect(runs('FROM scratch\nRUN true')[0]).not.toHaveProperty('insecure');
  });

  test.each([
    ['--mount=from=later,target=/x', 'STAGE_ORDER'],
    ['--mount=from=7,target=/x', 'STAGE_ORDER'],
    ['--mount=from=No,target=/x', 'REFERENCE_INVALID'],
    ['--mount=target=..', 'DOCKERFILE_MOUNT'],
    ['--device=vendor.com/gpu', 'RUN_UNSUPPORTED'],
    ['--security=insecure', 'RUN_NOT_GRANTED'],
    ['--network=host', 'RUN_NOT_GRANTED'],
  ])('%s is refused where the target needs it, and only there', (flag, code) => {
    const text = `FROM scratch AS a\nRUN ${flag} true\nFROM scratch AS later\nCOPY x /`;
    const error = errorOf(() => draw(text, { target: 'a' }));
    expect([error.code, error.range?.startLine]).toEqual([code, 2]);
    expect(draw(text).steps).toHaveLength(1);
  });

  test.each<readonly [string, RunRights, Partial<RunDefinition>]>([
    ['--security=insecure', { grants: ['security.insecure'], network: 'default' }, { insecure: true }],
    ['--network=host', { grants: ['network.host'], network: 'none' }, { network: 'host' }],
    ['--network=host', { grants: [], network: 'host' }, { network: 'host' }],
    ['--network=none', { grants: [], network: 'host' }, { network: 'none' }],
    ['--network=default', { grants: [], network: 'none' }, { network: 'none' }],
    ['', { grants: [], network: 'default' }, { network: 'host' }],
  ])('%s with %j', (flag, rights, expected) => {
    expect(runs(`FROM scratch\nRUN ${flag} true`, { rights })[0]).toMatchObject(expected);
  });
});

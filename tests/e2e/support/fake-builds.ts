import type { PredictedStep, Prediction } from '../../../shared/prediction.ts';
import type { MissReason } from '../../../shared/miss-reason.ts';
import type { BuildEvent, BuildEventBody, BuildSummary, PlannedStep } from '../../../shared/build-events.ts';

/** Builds that never ran, for looking at the window without an engine. */

export const SOURCE = `# syntax=docker/dockerfile:1
ARG NODE_VERSION=24
FROM base:\${NODE_VERSION} AS deps
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev

FROM deps AS builder
COPY . .
RUN npm run build

FROM deps AS test
COPY tests/ tests/
RUN npm test

FROM scratch AS assets
COPY public/ /public/

FROM base:\${NODE_VERSION}-slim
WORKDIR /app
COPY --from=deps /app/node_modules node_modules
COPY --from=builder /app/dist dist
COPY --from=assets /public public
COPY --chown=node:node docker/entrypoint.sh /usr/local/bin/
CMD ["node", "dist/server.js"]
`;

const lines = SOURCE.split('\n');

function range(startLine: number, startColumn = 1, endColumn?: number) {
  return {
    startLine,
    startColumn,
    endLine: startLine,
    endColumn: endColumn ?? lines[startLine - 1]!.length + 1,
  };
}

const stages = [
  { index: 0, name: 'deps', base: 'base:24', reads: [], needed: true, range: range(3) },
  { index: 1, name: 'builder', base: 'deps', baseStage: 0, reads: [], needed: true, range: range(8) },
  { index: 2, name: 'test', base: 'deps', baseStage: 0, reads: [], needed: false, range: range(12) },
  { index: 3, name: 'assets', base: 'scratch', reads: [], needed: true, range: range(16) },
  { index: 4, base: 'base:24-slim', reads: [0, 1, 3], needed: true, range: range(19) },
];

const instructions: readonly (readonly [stage: number, line: number])[] = [
  [0, 3],
  [0, 4],
  [0, 5],
  [0, 6],
  [1, 9],
  [1, 10],
  [2, 13],
  [2, 14],
  [3, 17],
  [4, 19],
  [4, 20],
  [4, 21],
  [4, 22],
  [4, 23],
  [4, 24],
];

const steps: readonly PlannedStep[] = instructions.map(([stage, line], index) => {
  const siblings = instructions.filter(([other]) => other === stage);
  const number = siblings.findIndex(([, each]) => each === line) + 1;
  const name = lines[line - 1]!.replace('${NODE_VERSION}', '24');
  const instruction = name.split(' ')[0]!;
  const id = `${stages[stage]!.name ?? stage}/${number}`;
  return {
    id,
    stage,
    number,
    total: siblings.length,
    instruction,
    name,
    needs: index === 0 ? [] : [],
    range: range(line),
  };
});

type Timed = readonly [after: number, body: BuildEventBody];

const preparation = (buildId: string, folder: string, tags: readonly string[]): readonly Timed[] => [
  [
    0,
    {
      type: 'build.started',
      buildId,
      folder,
      dockerfile: 'Dockerfile',
      tags,
      platform: 'linux/amd64',
      trigger: { kind: 'manual' },
    },
  ],
  [1, { type: 'task.started', id: 'internal/dockerfile', name: 'Read the Dockerfile' }],
  [4, { type: 'task.finished', id: 'internal/dockerfile' }],
  [0, { type: 'task.started', id: 'internal/context', name: 'Read the build context' }],
  [80, { type: 'progress', step: 'internal/context', label: 'hashing files', current: 512, unit: 'files' }],
  [90, { type: 'task.finished', id: 'internal/context' }],
  [2, { type: 'build.planned', source: SOURCE, stages, steps }],
  [
    0,
    {
      type: 'warning',
      code: 'UNDEFINED_ARG',
      message: 'ARG NODE_VERSION has a default; stages see it only where they declare it again.',
      range: range(2),
    },
  ],
];

const cached = (step: string, size?: number): readonly Timed[] => [
  [1, { type: 'step.started', step }],
  [
    1,
    {
      type: 'step.finished',
      step,
      state: 'cached',
      ...(size === undefined ? {} : { size, layer: `sha256:${'0'.repeat(64)}` }),
    },
  ],
];

const missed = (step: string, reason: MissReason): Timed => [
  1,
  { type: 'step.cache', step, hit: false, reason },
];

/** More files than fit, and a name that is not what it seems. */
const CHANGED: MissReason = {
  cause: {
    kind: 'files',
    from: 'the build context',
    changes: [
      { path: 'src/cart/total.ts', what: ['content'] },
      { path: 'src/<img src=x onerror=window.__pwned=1> \u202egnp.exe', what: ['added'] },
      { path: 'src/old.ts', what: ['removed'] },
      { path: 'bin/start', what: ['mode'], before: '0644', after: '0755' },
      ...Array.from({ length: 46 }, (_, i) => ({ path: `src/page-${i}.ts`, what: ['content'] as const })),
    ],
    more: 12,
    added: 1,
    removed: 1,
  },
  also: [{ kind: 'earlier-step', step: 'deps/4', how: 'rebuilt' }],
};

const npmOutput = [
  'npm \u001b[33mwarn\u001b[39m deprecated inflight@1.0.6: this module is not supported\n',
  'title \u001b]0;owned\u0007\u001b]52;c;aGk=\u0007<img src=x onerror=window.__pwned=1> \u202egnp.exe\n',
  'added \u001b[32m412 packages\u001b[39m in 3s\n',
  ...Array.from(
    { length: 60 },
    (_, index) => `  \u001b[2m${index + 1}\u001b[22m linked node_modules/package-${index + 1}\n`,
  ),
];

const beginning = (buildId: string, folder: string, tags: readonly string[]): readonly Timed[] => [
  ...preparation(buildId, folder, tags),
  ...cached('deps/1', 41_200_000),
  ...cached('deps/2', 512),
  ...cached('assets/1', 2_340_000),
  ...cached('4/1', 28_700_000),
  ...cached('4/2', 512),
  [2, { type: 'step.started', step: 'deps/3' }],
  missed('deps/3', {
    cause: {
      kind: 'instruction',
      before: 'COPY package.json ./',
      after: 'COPY package.json package-lock.json ./',
    },
  }),
  [60, { type: 'step.finished', step: 'deps/3', state: 'built', size: 184_320 }],
  [1, { type: 'step.started', step: 'deps/4' }],
  missed('deps/4', { cause: { kind: 'earlier-step', step: 'deps/3', how: 'rebuilt' } }),
  ...npmOutput.map((text): Timed => [40, { type: 'step.log', step: 'deps/4', stream: 'stdout', text }]),
  [400, { type: 'step.finished', step: 'deps/4', state: 'built', size: 38_912_000 }],
  [1, { type: 'step.started', step: 'builder/1' }],
  missed('builder/1', CHANGED),
  [
    300,
    {
      type: 'progress',
      step: 'builder/1',
      label: 'copying',
      current: 6_100_000,
      total: 9_800_000,
      unit: 'bytes',
    },
  ],
];

const tags = ['docker.io/library/shop:latest', 'ghcr.io/acme/shop:1.4'];
const image = {
  id: `sha256:${'a1b2c3d4'.repeat(8)}`,
  config: `sha256:${'c0ffee00'.repeat(8)}`,
  references: tags,
  size: 82_430_000,
};

const succeeded = (buildId: string, folder: string): readonly Timed[] => [
  ...beginning(buildId, folder, tags),
  [900, { type: 'step.finished', step: 'builder/1', state: 'built', size: 9_800_000 }],
  [1, { type: 'step.started', step: 'builder/2' }],
  [
    700,
    {
      type: 'step.log',
      step: 'builder/2',
      stream: 'stderr',
      text: 'vite \u001b[36mv8.3.8\u001b[39m building…\n',
    },
  ],
  [1300, { type: 'step.finished', step: 'builder/2', state: 'built', size: 3_120_000 }],
  ...cached('4/3', 38_912_000),
  [1, { type: 'step.started', step: '4/4' }],
  [80, { type: 'step.finished', step: '4/4', state: 'built', size: 3_120_000 }],
  ...cached('4/5', 2_340_000),
  ...cached('4/6', 1_200),
  [1, { type: 'task.started', id: 'internal/image', name: 'Write the image' }],
  [20, { type: 'task.finished', id: 'internal/image' }],
  [2, { type: 'build.finished', outcome: 'succeeded', image }],
];

const failed = (buildId: string, folder: string): readonly Timed[] => {
  const error = {
    code: 'COPY_SOURCE_MISSING',
    message: '“docker/entrypoint.sh” does not exist in the build context.',
    hint: '“docker/entrypoint” exists. A pattern in .dockerignore may also leave the file out.',
    file: 'Dockerfile',
    range: range(24, 24, 44),
  };
  return [
    ...succeeded(buildId, folder).slice(0, -5),
    [1, { type: 'step.started', step: '4/6' }],
    [12, { type: 'step.finished', step: '4/6', state: 'failed', error }],
    [4, { type: 'build.finished', outcome: 'failed', error }],
  ];
};

const failedInRun = (buildId: string, folder: string): readonly Timed[] => {
  const error = {
    code: 'RUN_FAILED',
    message: '"RUN npm run build" exited with code 2.',
    hint: 'The lines that it printed are in the log of the step.',
    file: 'Dockerfile',
    range: range(10),
  };
  const output = [
    '> shop@1.4.0 build\n> tsc -p . && vite build\n\n',
    ...Array.from(
      { length: 40 },
      (_, index) =>
        `\u001b[36msrc/cart/line-${index}.ts\u001b[39m(${index + 3},7): \u001b[31merror\u001b[39m TS2339: Property 'total' does not exist.\n`,
    ),
    '\u001b]52;c;aGk=\u0007<img src=x onerror=window.__pwned=1> \u202egnp.exe\n',
  ];
  return [
    ...beginning(buildId, folder, tags).slice(0, -1),
    [200, { type: 'step.finished', step: 'builder/1', state: 'built', size: 9_800_000 }],
    [1, { type: 'step.started', step: 'builder/2' }],
    ...output.map((text): Timed => [20, { type: 'step.log', step: 'builder/2', stream: 'stdout', text }]),
    [12, { type: 'step.finished', step: 'builder/2', state: 'failed', error }],
    [4, { type: 'build.finished', outcome: 'failed', error }],
  ];
};

function toEvents(timed: readonly Timed[], startedAt: number): readonly BuildEvent[] {
  let time = startedAt;
  return timed.map(([after, body], seq) => ({ ...body, seq, time: (time += after) }));
}

export interface FakeBuild {
  readonly summary: BuildSummary;
  readonly events: readonly BuildEvent[];
}

/** What building the same again would do. */
export function fakePrediction(): Prediction {
  const needed = steps.filter(({ stage }) => stages[stage]!.needed);
  return {
    stages,
    missing: [],
    steps: needed.map((step): PredictedStep => {
      if (step.id === 'builder/1') return { ...step, state: 'miss', reason: CHANGED };
      return { ...step, state: step.id === 'builder/2' || step.id === '4/4' ? 'depends' : 'hit' };
    }),
  };
}

/** A build that ends as named, or stands still in the middle. */
export function fakeBuild(
  id: string,
  folder: string,
  end: BuildSummary['outcome'] | 'failed in RUN',
  startedAt: number,
): FakeBuild {
  const outcome = end === 'failed in RUN' ? 'failed' : end;
  const script =
    end === 'failed in RUN'
      ? failedInRun
      : outcome === 'failed'
        ? failed
        : outcome === 'running' || outcome === 'lost'
          ? beginning
          : succeeded;
  const events = toEvents(script(id, folder, tags), startedAt);
  const last = events.at(-1)!;
  const error = last.type === 'build.finished' ? last.error : undefined;
  return {
    events,
    summary: {
      id,
      folder,
      dockerfile: 'Dockerfile',
      tags,
      trigger: { kind: 'manual' },
      outcome,
      startedAt,
      ...(outcome === 'running' || outcome === 'lost' ? {} : { finishedAt: last.time }),
      steps: 13,
      cached: outcome === 'running' ? 5 : 7,
      ...(outcome === 'succeeded' ? { image } : {}),
      ...(error === undefined ? {} : { error }),
    },
  };
}

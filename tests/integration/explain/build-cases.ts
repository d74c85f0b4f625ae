import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildRequest } from '../../../electron/engine/build/build-request.ts';
import type { WorkerPool } from '../../../electron/engine/base/worker-pool.ts';
import { build, type BuildServices } from '../../../electron/engine/build/build.ts';
import { openEngineStore } from '../../../electron/engine/open-engine-store.ts';
import { removeTree } from '../../../electron/engine/base/remove-tree.ts';
import type { BuildEvent } from '../../../shared/build-events.ts';
import { foldBuild, type BuildState } from '../../../shared/build-state.ts';
import { servicesOver } from '../../support/build-services.ts';
import type { PredictedStep, Prediction } from '../../../shared/prediction.ts';
import { writeTree, type Tree } from '../support/tree.ts';
import { shortReason, type Project } from './explain-case.ts';

/** A store and a folder that projects are built from, one after the other as if it were edited. */
export interface ExplainBench extends AsyncDisposable {
  readonly services: BuildServices;
  readonly folder: string;
  /** Makes the images and the folder what the project says. */
  prepare(project: Project): Promise<void>;
  /** Prepares and builds it; answers the build as its events tell it. */
  build(project: Project): Promise<BuildState>;
}

/** Threads are slow to start, so that all stores have the same. */
export async function openExplainBench(pool: WorkerPool): Promise<ExplainBench> {
  const place = await mkdtemp(join(tmpdir(), 'slipway-explain-'));
  const store = await openEngineStore(join(place, 'store'), pool, () => new Date());
  const services = servicesOver(store, pool);
  const folder = join(place, 'project');

  const run = async (from: string, request: Project['request'] = {}): Promise<BuildState> => {
    const events: BuildEvent[] = [];
    await build(services, requestOf(from, request), { onEvents: (batch) => events.push(...batch) }).catch(
      () => undefined,
    );
    return foldBuild(events);
  };

  const prepare = async ({ dockerfile, tree = {}, images = {} }: Project): Promise<void> => {
    for (const [tag, files] of Object.entries(images)) await makeImage(tag, files);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await writeTree(folder, { Dockerfile: dockerfile, ...tree });
  };

  return {
    services,
    folder,
    prepare,
    async build(project) {
      await prepare(project);
      const state = await run(folder, project.request);
      const expected = project.fails ? 'failed' : 'succeeded';
      if (state.outcome !== expected)
        throw new Error(`The build ${state.outcome ?? 'did not end'}: ${JSON.stringify(state.error)}`);
      return state;
    },
    async [Symbol.asyncDispose]() {
      store.close();
      await removeTree(place);
    },
  };

  async function makeImage(tag: string, tree: Tree): Promise<void> {
    const source = await mkdtemp(join(place, 'image-'));
    await writeTree(source, {
      Dockerfile: 'FROM scratch\nCOPY root /\nENV FROM_BASE=1\n',
      ...below('root', tree),
    });
    const { outcome, error } = await run(source, { tags: [tag] });
    if (outcome !== 'succeeded') throw new Error(JSON.stringify(error));
  }
}

export function requestOf(folder: string, request: Project['request'] = {}): BuildRequest {
  return {
    ...{ folder, tags: [], buildArgs: {}, labels: {}, noCache: false, trigger: { kind: 'manual' } },
    ...request,
  };
}

function below(folder: string, tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).map(([path, node]) => [`${folder}/${path}`, node]));
}

/** `builder/2`, or `0/1` where the stage has no name. */
export function placeOf(state: BuildState): (step: string) => string {
  return (id) => {
    const step = state.steps.find((each) => each.id === id);
    const stage = state.stages.find(({ index }) => index === step?.stage);
    return step ? `${stage?.name ?? step.stage}/${step.number}` : `no step ${id}`;
  };
}

/** What was missed and why, by place; a hit or a skipped step is not in it, one without a reason says so. */
export function missedIn(state: BuildState): Record<string, string> {
  const place = placeOf(state);
  return Object.fromEntries(
    state.steps
      .filter((step) => step.miss !== undefined || step.state === 'built' || step.state === 'failed')
      .map((step) => [place(step.id), step.miss === undefined ? 'no reason' : shortReason(step.miss, place)]),
  );
}

/** What was predicted, by place: hits, misses with how their reason begins, and those that depend on a step that will run. */
export function predictedIn({ steps, stages }: Prediction): {
  readonly hit: readonly string[];
  readonly miss: Readonly<Record<string, RegExp>>;
  readonly depends: readonly string[];
} {
  const place = ({ stage, number }: PredictedStep): string => `${stages[stage]?.name ?? stage}/${number}`;
  const places = (state: PredictedStep['state']): readonly string[] =>
    steps.filter((step) => step.state === state).map(place);
  const misses = steps.filter(({ state }) => state === 'miss');
  return {
    hit: places('hit'),
    // Beside a cause of its own, what the step owes to others is known only afterwards.
    miss: Object.fromEntries(
      misses.map((step) => [place(step), new RegExp(`^${step.reason?.cause.kind ?? 'no reason'}`)]),
    ),
    depends: places('depends'),
  };
}

import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { DEFAULT_SANDBOX } from '../../electron/engine/executor/sandbox-options.ts';
import { openStore } from '../../electron/engine/store/open-store.ts';
import type { BuildEvent } from '../../shared/build-events.ts';
import { startSlipway } from '../integration/support/cli.ts';
import { IS_ROOT } from '../integration/support/peers.ts';
import { seeded } from './build-project.ts';
import { leftovers, livingThings, strayFiles, type CensusOptions } from './run-census.ts';
import { expectSound } from './store-checks.ts';
import { withDirectory } from './store-samples.ts';

const CANCELS = IS_ROOT ? 200 : 40;
/** Each seventh round has the command line do the build and interrupts it, each seventh kills it. */
const KINDS = ['SIGINT', 'SIGKILL', 'abort', 'abort', 'abort', 'abort', 'abort'] as const;
/** Bytes; only root can set limits, which make control groups. */
const MEMORY = 1024 ** 3;
/** Where a build may be, by what was last heard of it, and how often it is disturbed there. */
const PHASES = [
  'before RUN',
  'unpacking, mounting',
  'the command',
  'reading, committing',
  'after RUN',
] as const;
const WEIGHTS = [1, 3, 2, 3, 1];

/**
 * Daemons that leave the session, programs that do not hear, children without a parent, and something to read afterwards. One that
 * is to be disturbed before it ends never ends.
 */
const command = (marker: string, phase: number): string => `RUN <<-END
	trap '' TERM INT HUP QUIT
	busybox setsid busybox sleep ${marker} > /dev/null 2>&1 &
	(busybox setsid sh -c "trap '' TERM INT HUP; busybox sleep ${marker}; busybox sleep ${marker}" &)
	for i in 1 2 3 4 5 6 7 8; do (busybox true & busybox sleep ${marker} &) ; done
	echo up
	busybox cp -r /data /copy && busybox rm -r /data
	busybox dd if=/dev/urandom of=/big bs=1M count=2 2> /dev/null
	${phase < 3 ? `busybox sleep ${marker}` : 'echo written'}
END
`;

interface Scene extends CensusOptions {
  readonly store: string;
  readonly project: string;
  readonly engine: Engine;
}

test(
  `${CANCELS} builds cancelled at random moments leave no process, mount, control group or file, and the next one works`,
  { timeout: 900_000 },
  () =>
    withScene(async (scene) => {
      const random = seeded(20_261_125);
      const lasts = await durations(scene);
      const hits = new Map<string, number>();
      const descriptors = countDescriptors();
      for (let round = 0; round < CANCELS; round++) {
        const kind = KINDS[round % KINDS.length]!;
        const moment = momentOf(random, lasts);
        const { phase, pid } = await (kind === 'abort'
          ? abortedBuild(scene, moment, round)
          : signalledBuild(scene, moment, round, kind));
        hits.set(phase, (hits.get(phase) ?? 0) + 1);
        // What the kernel has to clear away after a kill takes it a moment; nobody is there to wait for it.
        if (kind === 'SIGKILL') await expect.poll(() => livingThings(scene), { timeout: 10_000 }).toEqual([]);
        else expect(livingThings(scene), `${kind} in ${phase}`).toEqual([]);
        const store = await openStore({ root: scene.store });
        expect(strayFiles(scene.store), `${kind} in ${phase}`).toEqual([]);
        if (round % 40 === 0) expectSound(store);
        store.close();
        if (kind !== 'SIGKILL') expect(leftovers(scene, [pid]), `${kind} in ${phase}`).toEqual([]);
        expect(await nextBuild(scene, round)).toBe(`again ${round}\n`);
        // Control groups of the dead are cleared away by the next one that needs some.
        expect(leftovers(scene, [pid]), `${kind} in ${phase}`).toEqual([]);
      }
      expect(countDescriptors()).toBeLessThan(descriptors + 10);
      console.log(`where they were: ${[...hits].map((hit) => hit.join(' ')).join(', ')}`);
      for (const phase of PHASES) expect(hits.get(phase) ?? 0, phase).toBeGreaterThan(CANCELS / 40);
      expect(hits.get('finished') ?? 0).toBeLessThan(CANCELS / 4);
    }),
);

/** When a build is disturbed: so many milliseconds after a phase has begun. */
interface Moment {
  readonly phase: number;
  readonly after: number;
}

/** Where a build was when it was disturbed, or `finished`, and the process that it ran in. */
interface Disturbed {
  readonly phase: string;
  readonly pid: number;
}

async function withScene(work: (scene: Scene) => Promise<void>): Promise<void> {
  await withDirectory(async (place) => {
    const [store, project] = [join(place, 'store'), join(place, 'project')];
    for (const name of ['tmp', 'project', 'project/data']) mkdirSync(join(place, name));
    copyFileSync('/bin/busybox', join(project, 'busybox'));
    for (let i = 0; i < 40; i++) writeFileSync(join(project, `data/file-${i}`), `${i}`.repeat(500));
    const engine = await createEngine({ store });
    try {
      await work({ place, store, project, engine, marker: `98${process.pid}` });
    } finally {
      await engine.close();
    }
  });
}

/** The project of one round: all of it after the first two steps is new. */
function writeRound({ project, marker }: Scene, round: number | string, phase: number = PHASES.length): void {
  writeFileSync(join(project, 'data/round'), `${round}`);
  const base = 'FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\n';
  writeFileSync(
    join(project, 'Dockerfile'),
    `${base}COPY data /data\n${command(marker, phase)}RUN echo ${round} > /two\n`,
  );
  writeFileSync(join(project, 'Dockerfile.next'), `${base}RUN echo again ${round}\n`);
}

async function abortedBuild(scene: Scene, { phase, after }: Moment, round: number): Promise<Disturbed> {
  writeRound(scene, round, phase);
  const stop = new AbortController();
  let [reached, atStop] = [-1, -1];
  const abort = async (): Promise<void> => {
    await delay(after);
    atStop = reached;
    stop.abort();
  };
  const phaseOf = createPhases();
  const hear = (event: BuildEvent): void => {
    const next = phaseOf(event);
    if (next === undefined) return;
    reached = next;
    if (next === phase) void abort();
  };
  const result = await build(scene, 'Dockerfile', hear, stop.signal).then(
    () => 'finished',
    (error: unknown) => (stop.signal.aborted ? 'cancelled' : Promise.reject(error as Error)),
  );
  return { phase: result === 'finished' ? result : PHASES[atStop]!, pid: process.pid };
}

/** The same from outside, by what the command line prints. */
async function signalledBuild(
  scene: Scene,
  { phase, after }: Moment,
  round: number,
  signal: 'SIGINT' | 'SIGKILL',
): Promise<Disturbed> {
  writeRound(scene, round, phase);
  const limits = IS_ROOT ? [`--memory=${MEMORY}`] : [];
  const words = ['--store', scene.store, 'build', '--progress=plain', ...limits, scene.project];
  const { child, printed, result } = startSlipway(words, { env: { TMPDIR: join(scene.place, 'tmp') } });
  const signs = ['[internal]', '4/5] RUN', ' up\n', ' written\n', '5/5] RUN'];
  await Promise.race([printed(signs[phase]!).then(() => delay(after)), result]);
  child.kill(signal);
  const { code, stderr } = await result;
  const pid = child.pid!;
  if (code === 0) return { phase: 'finished', pid };
  if (signal === 'SIGINT') expect(code, stderr).toBe(130);
  return { phase: PHASES[signs.findLastIndex((sign) => stderr.includes(sign))]!, pid };
}

/** Tells which phase an event of one build begins. */
function createPhases(): (event: BuildEvent) => number | undefined {
  let runs: readonly string[] = [];
  return (event) => {
    switch (event.type) {
      case 'build.started':
        return 0;
      case 'build.planned':
        runs = event.steps.filter(({ instruction }) => instruction === 'RUN').map(({ id }) => id);
        return undefined;
      case 'step.started':
        return [1, 4][runs.indexOf(event.step)];
      case 'step.log':
        return event.text.includes('written') ? 3 : event.text.includes('up') ? 2 : undefined;
      default:
        return undefined;
    }
  };
}

/** How long the phases last, in milliseconds: medians of five builds that nobody disturbs. */
async function durations(scene: Scene): Promise<readonly number[]> {
  const seen: number[][] = PHASES.map(() => []);
  for (let i = 0; i < 5; i++) {
    writeRound(scene, `undisturbed ${i}`);
    const begun: number[] = [];
    const phaseOf = createPhases();
    await build(scene, 'Dockerfile', (event) => {
      const phase = event.type === 'build.finished' ? PHASES.length : phaseOf(event);
      if (phase !== undefined) begun[phase] = event.time;
    });
    for (const [phase, times] of seen.entries()) times.push(begun[phase + 1]! - begun[phase]!);
  }
  return seen.map((times) => times.toSorted((a, b) => a - b)[2]!);
}

function momentOf(random: () => number, lasts: readonly number[]): Moment {
  let left = random() * WEIGHTS.reduce((sum, weight) => sum + weight);
  const phase = WEIGHTS.findIndex((weight) => (left -= weight) < 0);
  return { phase, after: random() * lasts[phase]! };
}

/** Builds on the same store, undisturbed; answers what its command printed. */
async function nextBuild(scene: Scene, round: number): Promise<string> {
  let log = '';
  writeRound(scene, round);
  await build(scene, 'Dockerfile.next', (event) => {
    if (event.type === 'step.log') log += event.text;
  });
  return log;
}

async function build(
  { engine, project }: Scene,
  dockerfile: string,
  hear: (event: BuildEvent) => void,
  signal?: AbortSignal,
): Promise<void> {
  await engine.build(
    {
      ...{ folder: project, dockerfile, tags: [], buildArgs: {}, labels: {}, noCache: false },
      trigger: { kind: 'manual' },
      sandbox: { ...DEFAULT_SANDBOX, limits: IS_ROOT ? { memory: MEMORY } : {} },
    },
    { onEvents: (events) => events.forEach(hear), ...(signal === undefined ? {} : { signal }) },
  );
}

function countDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

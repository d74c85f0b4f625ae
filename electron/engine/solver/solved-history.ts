import { canonicalJson } from '../base/canonical-json.ts';
import { digestOf } from '../base/digest.ts';
import type { GraphStep } from '../graph/build-graph.ts';
import type { Store } from '../store/store.ts';
import { alignSteps } from './align-steps.ts';
import { parseSolvedBuild, type SolvedBuild, type SolvedStep } from './step-facts.ts';

/** An earlier build of the project, and which of its steps each step of this build is. */
export interface EarlierBuild extends SolvedBuild {
  /** By id of the step of this build. */
  readonly counterparts: ReadonlyMap<string, SolvedStep>;
}

/** Reads what is remembered of a project's builds when it is first asked for, newest first. */
export function solvedHistory(
  store: Store,
  project: string,
  steps: readonly GraphStep[],
): () => readonly EarlierBuild[] {
  let builds: readonly EarlierBuild[] | undefined;
  return () =>
    (builds ??= store.solved.list(project).flatMap((text): readonly EarlierBuild[] => {
      const build = parseSolvedBuild(text);
      return build ? [{ ...build, counterparts: counterparts(steps, build.steps) }] : [];
    }));
}

function counterparts(
  steps: readonly GraphStep[],
  earlier: readonly SolvedStep[],
): ReadonlyMap<string, SolvedStep> {
  const mine = steps.filter(({ definition }) => definition.op !== 'image');
  const found = alignSteps(
    mine.map((step) => ({ stage: stageLabel(step), source: step.written.source })),
    earlier,
  );
  return new Map(
    mine.flatMap(({ id }, index) => {
      const at = found[index];
      return at === undefined ? [] : [[id, earlier[at]!] as const];
    }),
  );
}

/** The label of a step's stage: its name, or its number. */
export function stageLabel({ position }: Pick<GraphStep, 'position'>): string {
  return position.slice(0, position.lastIndexOf('/'));
}

/** Longest list of ignore patterns that is kept whole, in UTF-16 units of its JSON. */
const LONGEST_IGNORE = 16_384;

/** Adds this build, unless it is as the last one was. A store that cannot take it costs nothing but explanations. */
export function saveSolved(
  store: Store,
  project: string,
  steps: readonly SolvedStep[],
  patterns: readonly { readonly text: string; readonly exception: boolean }[],
): void {
  if (steps.length === 0) return;
  const ignore = patterns.map(({ text, exception }) => ({ text, exception }));
  const isShort = canonicalJson(ignore).length <= LONGEST_IGNORE;
  const build: SolvedBuild = {
    steps,
    ...(isShort ? { ignore } : {}),
    ignoreDigest: ignoreDigest(patterns),
  };
  const text = canonicalJson(build);
  try {
    if (store.solved.list(project)[0] !== text) store.solved.put(project, text);
  } catch {
    // The build itself is well; the next one will know less.
  }
}

export function ignoreDigest(
  patterns: readonly { readonly text: string; readonly exception: boolean }[],
): string {
  return digestOf(canonicalJson(patterns.map(({ text, exception }) => [text, exception])));
}

import type { FileChanges, ImageName, MissCause, MissReason } from '../../../shared/miss-reason.ts';
import type { Digest } from '../base/digest.ts';
import {
  keyDifferences,
  type ChainLink,
  type Difference,
  type EarlierStep,
  type MissedStep,
} from './key-differences.ts';

/** How an earlier step of this build ended. */
export interface StepFate {
  /** `open`: it has not run, and what it will make is not known. */
  readonly state: 'hit' | 'missed' | 'open';
  readonly reason?: MissReason;
}

/** What an explanation needs to know of the build around the step. */
export interface BuildSoFar {
  fateOf(step: string): StepFate | undefined;
  /** Whether the earlier build had this step too. */
  wasThere(step: string): boolean;
  /** The step of the earlier build that made a layer of this content, where it is gone from the Dockerfile. */
  removedStep(content: string): string | undefined;
  /** The step of this build that made a layer of this content then. */
  movedStep(content: string): string | undefined;
  /** The layers of the stage with this label, from the bottom up. */
  stageLayers(label: string): readonly ChainLink[];
  /** Content digest of a layer. */
  contentOf(diffId: Digest): string | undefined;
}

/** What the files of one read have become, and whether the ignore file alone is the reason. */
export interface ReadChanges extends FileChanges {
  readonly ignoreFile?: string;
  /** The layer that the first of them is in now. */
  readonly layer?: Digest;
}

/**
 * Why `now` has another key than `earlier`, in words of what somebody changed. `files` answers for a difference in files; of an earlier
 * step that ran again only what it came from is told, so that a chain of steps leads to one cause. Pure.
 */
export function explain(
  now: MissedStep,
  earlier: EarlierStep,
  files: (difference: Extract<Difference, { kind: 'files' }>) => ReadChanges,
  build: BuildSoFar,
): MissReason {
  const causes = keyDifferences(now, earlier).map((difference): MissCause => {
    switch (difference.kind) {
      case 'version':
        return { kind: 'version' };
      case 'instruction': {
        const { before, after } = difference;
        return { kind: 'instruction', before: clip(before), after: clip(after) };
      }
      case 'files':
        return filesCause(now, earlier, difference.read, files(difference), build);
      case 'below':
        return belowCause(now, earlier, difference.layer, build);
      case 'unsolved':
        return { kind: 'earlier-step', step: rootOf(difference.step, build), how: 'unknown' };
      case 'variables':
        return {
          kind: 'variables',
          changes: difference.changes.slice(0, MOST_VARIABLES),
          more: Math.max(0, difference.changes.length - MOST_VARIABLES),
        };
      default:
        return difference;
    }
  });
  const [cause = { kind: 'below' }, ...also] = causes;
  return also.length === 0 ? { cause } : { cause, also };
}

/** Longest text of an instruction that is told, in UTF-16 units. */
const LONGEST_TEXT = 2_000;
const MOST_VARIABLES = 20;

export function clip(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

function filesCause(
  now: MissedStep,
  earlier: EarlierStep,
  index: number,
  { ignoreFile, layer, ...changes }: ReadChanges,
  build: BuildSoFar,
): MissCause {
  const read = now.reads[index];
  const before = earlier.reads[index];
  switch (read?.kind) {
    case 'stage': {
      const layers = build.stageLayers(read.stage ?? '');
      const content = layer && build.contentOf(layer);
      const maker = layers.find((link) => link.content === content)?.step;
      const step =
        maker !== undefined && !before?.chain?.includes(content ?? '')
          ? rootOf(maker, build)
          : changedBy(layers, before?.chain ?? [], build);
      return {
        kind: 'stage',
        stage: read.stage ?? '',
        ...(step === undefined ? {} : { step }),
        ...changes,
      };
    }
    case 'image':
      return { kind: 'image', ...named(before?.image, read.image), ...changes };
    default:
      if (ignoreFile !== undefined) return { kind: 'ignore-file', file: ignoreFile, ...changes };
      return {
        kind: 'files',
        from: read?.kind === 'named' ? 'a named build context' : 'the build context',
        ...changes,
      };
  }
}

function named(
  before: ImageName | undefined,
  after: ImageName | undefined,
): { readonly before?: ImageName; readonly after?: ImageName } {
  return { ...(before ? { before } : {}), ...(after ? { after } : {}) };
}

/**
 * The step that a stage's change comes from: of those whose layers are new, the last that did not only follow another. Layers above
 * the first that differs may be there only because of that one.
 */
function changedBy(
  layers: readonly ChainLink[],
  before: readonly string[],
  build: BuildSoFar,
): string | undefined {
  const known = new Set(before);
  const changed = layers.flatMap(({ content, step }) =>
    step === undefined || known.has(content) ? [] : [step],
  );
  const roots = new Set(changed.map((step) => rootOf(step, build)));
  return [...roots].at(-1);
}

function belowCause(now: MissedStep, earlier: EarlierStep, layer: number, build: BuildSoFar): MissCause {
  const below = now.below as readonly ChainLink[];
  const old = contentsBelow(earlier)[layer];
  const gone = old === undefined ? undefined : build.removedStep(old);
  const step = below[layer]?.step;
  if (step === undefined) {
    if (gone !== undefined) return { kind: 'removed-step', text: clip(gone) };
    const moved = old === undefined ? undefined : build.movedStep(old);
    return moved === undefined ? { kind: 'below' } : { kind: 'earlier-step', step: moved, how: 'moved' };
  }
  const fate = build.fateOf(step);
  if (fate?.state === 'missed') return { kind: 'earlier-step', step: rootOf(step, build), how: 'rebuilt' };
  if (!build.wasThere(step)) return { kind: 'earlier-step', step, how: 'added' };
  if (gone !== undefined) return { kind: 'removed-step', text: clip(gone) };
  return { kind: 'earlier-step', step, how: 'restored' };
}

function contentsBelow({ parts }: EarlierStep): readonly string[] {
  return parts.find(({ kind }) => kind === 'base')?.value.split(' ') ?? [];
}

/** Where a chain of steps that follow each other begins. */
function rootOf(step: string, build: BuildSoFar): string {
  const cause = build.fateOf(step)?.reason?.cause;
  if (cause?.kind === 'earlier-step' && ['rebuilt', 'unknown'].includes(cause.how)) return cause.step;
  return cause?.kind === 'stage' && cause.step !== undefined ? cause.step : step;
}

/** How much each kind of difference says that two steps are not the same one; files and layers change all the time. */
const WEIGHTS: Readonly<Record<Difference['kind'], number>> = {
  version: 20,
  instruction: 6,
  platform: 4,
  base: 3,
  flags: 3,
  variables: 2,
  settings: 2,
  files: 1,
  below: 0.5,
  unsolved: 0,
};

/** Of earlier steps, newest first, the one that differs least from this one; of several that do, the newest. */
export function nearest(now: MissedStep, candidates: readonly EarlierStep[]): EarlierStep | undefined {
  let best: EarlierStep | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const distance = keyDifferences(now, candidate).reduce((sum, { kind }) => sum + WEIGHTS[kind], 0);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

import type { MissCause, MissReason } from '../../../shared/miss-reason.ts';
import { digestOf, type Digest } from '../base/digest.ts';
import { patternMatcher } from '../base/patterns.ts';
import type { WorkerPool } from '../base/worker-pool.ts';
import type { BuildGraph, GraphStep, ResolvedImage } from '../graph/build-graph.ts';
import { formatPlatform } from '../image/platform.ts';
import type { OperationDefinition, TreeReference } from '../ops/definition.ts';
import type { OperationInput, PreparedOperation } from '../ops/operation.ts';
import type { Store } from '../store/store.ts';
import { KEY_VERSION } from './cache-key.ts';
import { explain, nearest, type BuildSoFar, type ReadChanges, type StepFate } from './explain.ts';
import type { ChainLink, EarlierStep, MissedStep } from './key-differences.ts';
import { readChanges, type IgnoreRules } from './read-changes.ts';
import { redact, SHORTEST_SECRET } from './redact.ts';
import { looksSecret } from './secret-names.ts';
import { ignoreDigest, saveSolved, solvedHistory, stageLabel, type EarlierBuild } from './solved-history.ts';
import type { ReadFacts, SolvedStep, StepFacts } from './step-facts.ts';

export interface ExplainerOptions {
  readonly graph: BuildGraph;
  readonly store: Store;
  readonly pool: WorkerPool;
  readonly project: string;
  readonly images: ReadonlyMap<string, ResolvedImage>;
  /** Of the build context. */
  readonly ignore: {
    readonly file: string | undefined;
    readonly patterns: readonly { readonly text: string; readonly exception: boolean }[];
  };
  /** Texts that no reason may hold. */
  readonly secrets: readonly string[];
  /** The layers that a step's result consists of, once it is solved. */
  readonly chainOf: (step: string | undefined) => readonly ChainLink[];
}

/** A step that was not found, and what is known of its key. */
export interface Miss {
  readonly step: GraphStep;
  readonly key?: Digest;
  readonly prepared: Pick<PreparedOperation, 'parts' | 'inputs'>;
  readonly below: MissedStep['below'];
}

/** Says why steps of one build were not found, and remembers the build for the next. */
export interface Explainer {
  /** Costs what the lists of files cost; fails only as reading the store does, or with the signal's reason. */
  explain(miss: Miss, signal: AbortSignal): Promise<MissReason>;
  /** Earlier builds' records of the step, newest first. */
  candidates(step: string): readonly EarlierStep[];
  /** The step as explanations compare it. */
  missed(miss: Miss): MissedStep;
  /** How a step ended, for those that come after it. */
  settle(step: string, fate: StepFate): void;
  fateOf(step: string): StepFate | undefined;
  /** Writes down what was solved: each step's key, and the content of its layer; undefined where it failed. */
  save(solved: ReadonlyMap<string, Solved>): void;
}

export interface Solved {
  readonly key: Digest;
  readonly reads: readonly TreeReference[];
  readonly layer?: Digest;
  readonly failed?: true;
}

export function createExplainer(options: ExplainerOptions): Explainer {
  const { graph, store, project, ignore } = options;
  const byId = new Map(graph.steps.map((step) => [step.id, step]));
  const history = solvedHistory(store, project, graph.steps);
  const fates = new Map<string, StepFate>();
  const secrets = options.secrets.filter((secret) => secret.length >= SHORTEST_SECRET);

  const holdsSecret = (text: string): boolean => secrets.some((secret) => text.includes(secret));
  const hidden = ([name, value]: readonly [string, string]): readonly [string, string] => [
    name,
    looksSecret(name) || holdsSecret(value) ? digestOf(value) : value,
  ];

  const facts = (step: GraphStep, reads: readonly TreeReference[]): StepFacts => {
    const base = baseOf(graph, step.stage);
    return {
      stage: stageLabel(step),
      ...step.written,
      variables: Object.fromEntries(Object.entries(step.written.variables).map(hidden)),
      ...(secrets.length > 0 && textsOf(step.definition).some(holdsSecret) ? { secret: true } : {}),
      platform: formatPlatform(graph.stages[step.stage]!.platform),
      ...(base ? { base: { reference: base.reference, digest: base.manifest } } : {}),
      baseLayers: base?.layers.length ?? 0,
      reads: reads.map(readFacts),
    };
  };

  const readFacts = (from: TreeReference): ReadFacts => {
    switch (from.kind) {
      case 'stage': {
        const { name, tip } = graph.stages[from.stage]!;
        const chain = options.chainOf(tip).map(({ content }) => content);
        return { kind: 'stage', stage: name ?? `${from.stage}`, chain };
      }
      case 'image': {
        const digest = options.images.get(from.request)?.manifest ?? '';
        return { kind: 'image', image: { reference: from.reference, digest } };
      }
      default:
        return { kind: from.kind };
    }
  };

  const missed = ({ step, prepared, below }: Miss): MissedStep => ({
    ...facts(
      step,
      prepared.inputs.map(({ from }) => from),
    ),
    id: step.id,
    parts: prepared.parts,
    version: KEY_VERSION,
    below,
  });

  const entriesOf = (step: string): readonly { readonly entry: SolvedStep; readonly build: EarlierBuild }[] =>
    history().flatMap((build) => {
      const entry = build.counterparts.get(step);
      return entry ? [{ entry, build }] : [];
    });

  const candidates = (step: string): readonly (EarlierStep & { readonly build: EarlierBuild })[] =>
    entriesOf(step).flatMap(({ entry, build }) => {
      const [record] = store.cache.find([entry.key as Digest]);
      return record ? [{ ...entry, parts: record.parts, build }] : [];
    });

  /** Causes that need no comparison. */
  const plainCause = (miss: Miss): MissCause | undefined => {
    const { key, step } = miss;
    if (key === undefined) return undefined;
    if (store.cache.find([key]).length > 0) return { kind: 'lost' };
    const at = store.cache.removedAt(key);
    if (at !== undefined) return { kind: 'removed', at };
    const tried = entriesOf(step.id).some(({ entry }) => entry.failed && entry.key === key);
    return tried ? { kind: 'unfinished' } : undefined;
  };

  /** Nothing to compare with: never there, never done, or cleaned up. */
  const unknownCause = (step: string): MissCause => {
    const removed = entriesOf(step).flatMap(({ entry }) => store.cache.removedAt(entry.key as Digest) ?? []);
    const [at] = removed;
    return at === undefined ? { kind: 'new' } : { kind: 'removed', at };
  };

  const rulesFor = (input: OperationInput, build: EarlierBuild): IgnoreRules | undefined => {
    if (input.from.kind !== 'context' || build.ignoreDigest === ignoreDigest(ignore.patterns))
      return undefined;
    const before = build.ignore;
    return {
      file: ignore.file ?? '.dockerignore',
      now: patternMatcher(ignore.patterns).matches,
      before: before && patternMatcher(before).matches,
    };
  };

  const around = (build: EarlierBuild): BuildSoFar => {
    const sources = new Set([...byId.values()].map((step) => step.written.source));
    return {
      fateOf: (step) => fates.get(step),
      wasThere: (step) => build.counterparts.get(step)?.source === byId.get(step)?.written.source,
      removedStep: (content) =>
        build.steps.find(({ layer, source }) => layer === content && !sources.has(source))?.source,
      movedStep: (content) => [...build.counterparts].find(([, { layer }]) => layer === content)?.[0],
      stageLayers: (label) => {
        const stage = graph.stages.find(({ name, index }) => (name ?? `${index}`) === label);
        return options.chainOf(stage?.tip);
      },
      contentOf: (diffId) => store.layers.get(diffId)?.contentDigest,
    };
  };

  const reasonOf = async (miss: Miss, signal: AbortSignal): Promise<MissReason> => {
    const plain = plainCause(miss);
    if (plain) return { cause: plain };
    const now = missed(miss);
    const known = candidates(miss.step.id);
    const earlier = nearest(now, known);
    if (!earlier) return { cause: unknownCause(miss.step.id) };
    const { build } = known.find((candidate) => candidate === earlier)!;
    const changes = new Map<number, ReadChanges>();
    for (const [read, input] of miss.prepared.inputs.entries()) {
      const before = earlier.parts.filter(({ kind }) => kind === 'files')[read]?.value;
      if (before === undefined || before === input.digest) continue;
      changes.set(
        read,
        await readChanges(before as Digest, input, rulesFor(input, build), { ...options, signal }),
      );
    }
    const unknown: ReadChanges = { changes: [], more: 0, added: 0, removed: 0 };
    const reason = explain(now, earlier, ({ read }) => changes.get(read) ?? unknown, around(build));
    return redact(reason, [...secrets, ...secretsOf(now), ...secretsOf(earlier)]);
  };

  return {
    explain: reasonOf,
    candidates,
    missed,
    settle: (step, fate) => void fates.set(step, fate),
    fateOf: (step) => fates.get(step),
    save(solved) {
      const steps = graph.steps.flatMap((step): readonly SolvedStep[] => {
        const end = solved.get(step.id);
        if (!end) return [];
        const { key, reads, layer, failed } = end;
        return [
          {
            ...facts(step, reads),
            ...{ key, version: KEY_VERSION },
            ...(layer === undefined ? {} : { layer }),
            ...(failed ? { failed } : {}),
          },
        ];
      });
      saveSolved(store, project, steps, ignore.patterns);
    },
  };
}

/** Every text of an operation, but for the environment, whose values are told one by one. */
function textsOf(definition: OperationDefinition): readonly string[] {
  const texts: string[] = [];
  JSON.stringify(definition, (name, value: unknown) => {
    if (name === 'env' || name === 'proxies') return undefined;
    if (typeof value === 'string') texts.push(value);
    return value;
  });
  return texts;
}

/** The image at the bottom of a stage, whatever stages lie between. */
function baseOf(graph: BuildGraph, stage: number): ResolvedImage | undefined {
  const base = graph.stages[stage]?.base;
  if (base?.kind === 'stage') return baseOf(graph, base.stage);
  return base?.kind === 'image' ? base.image : undefined;
}

/** Values in a key of what looks like a secret. */
function secretsOf({ parts }: Pick<MissedStep, 'parts'>): readonly string[] {
  return parts.flatMap(({ kind, name, value }) =>
    kind === 'environment' && looksSecret(name) ? [value.slice(name.length + 1)] : [],
  );
}

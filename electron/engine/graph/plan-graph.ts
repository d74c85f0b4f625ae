import { EngineError } from '../base/errors.ts';
import type { Dockerfile, Stage } from '../dockerfile/ast.ts';
import { parseTrigger } from '../dockerfile/parse.ts';
import { clearOnbuild, emptyConfig, envOf, withDefaultPath } from '../image/config.ts';
import { copyText } from '../image/history.ts';
import type { Platform } from '../image/oci.ts';
import { formatPlatform, parsePlatform } from '../image/platform.ts';
import { normalizeReference } from '../image/reference.ts';
import type { OperationDefinition } from '../ops/definition.ts';
import {
  imageRequestKey,
  type BuildGraph,
  type GraphStage,
  type GraphStep,
  type ImageRequest,
  type ResolvedImage,
  type StageBase,
} from './build-graph.ts';
import { dispatch, type DispatchContext } from './dispatch.ts';
import {
  contextImage,
  contextName,
  findContext,
  folderCopy,
  type FoundContext,
  type NamedContexts,
} from './named-context.ts';
import { stageNamed, targetStage } from './resolve-stage.ts';
import { DEFAULT_RIGHTS, type RunRights } from './run-rights.ts';
import type { StageState } from './stage-state.ts';
import { expanderFor, globalVariables } from './variables.ts';

export interface GraphOptions {
  readonly dockerfile: Dockerfile;
  readonly target?: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** What the image is for, and what this machine is. */
  readonly platform: Platform;
  readonly buildPlatform: Platform;
  /** What RUN may do; see run-rights.ts. */
  readonly rights?: RunRights;
  /** Images known so far, by {@link imageRequestKey}. */
  readonly images: ReadonlyMap<string, ResolvedImage>;
  /** What takes the place of stages and images of these names. */
  readonly contexts?: NamedContexts | undefined;
}

/** Either the graph, or the images that must be known before it can be drawn. */
export type GraphResult =
  | { readonly kind: 'graph'; readonly graph: BuildGraph }
  | { readonly kind: 'missing'; readonly requests: readonly ImageRequest[] };

/**
 * Draws the build graph of a Dockerfile. Pure: it asks for the base images it needs by answering `missing`, and is called
 * again with them (a base image's ONBUILD triggers can need further ones).
 * Fails with EngineErrors that carry file and range for everything in the Dockerfile that cannot be.
 */
export function planGraph(options: GraphOptions): GraphResult {
  const planner = createPlanner(options);
  const target = targetStage(options.dockerfile, options.target);
  const state = planner.stage(target.index);
  if (!state || planner.missing.size > 0) return { kind: 'missing', requests: [...planner.missing.values()] };
  return { kind: 'graph', graph: planner.finish(target.index) };
}

function createPlanner(options: GraphOptions) {
  const { dockerfile, buildArgs, contexts = new Map() } = options;
  const { file } = dockerfile;
  const escape = dockerfile.directives.escape;
  const target = targetStage(dockerfile, options.target);
  const globals = globalVariables({
    args: dockerfile.globalArgs,
    buildArgs,
    platform: options.platform,
    buildPlatform: options.buildPlatform,
    targetStage: target.name ?? 'default',
    file,
    escape,
  });
  const missing = new Map<string, ImageRequest>();
  const usedArgs = new Set<string>(
    dockerfile.globalArgs.flatMap((instruction) => instruction.args.map(({ name }) => name)),
  );
  const states = new Map<number, StageState | undefined>();
  const baseNames = new Map<number, string>();

  /** Asks for an image; undefined where it is not known yet. */
  const image = (request: ImageRequest): ResolvedImage | undefined => {
    const key = imageRequestKey(request);
    const known = options.images.get(key);
    if (!known) missing.set(key, request);
    return known;
  };

  /** The final state of a stage; undefined where a base image is still missing. */
  const stage = (index: number): StageState | undefined => {
    if (states.has(index)) return states.get(index);
    const state = plan(dockerfile.stages[index]!);
    states.set(index, state);
    return state;
  };

  const baseNameOf = (node: Stage): string => {
    const known = baseNames.get(node.index);
    if (known !== undefined) return known;
    const expand = expanderFor(globals, { file, range: node.from.range, escape });
    const name = expand.word(node.from.image);
    if (name.trim() === '') {
      throw new EngineError(
        'FROM_EMPTY',
        `FROM ${node.from.image} names no image once its variables are filled in.`,
        {
          file,
          range: node.from.range,
          hint: 'Give the ARG a default before the first FROM, or pass it with --build-arg.',
        },
      );
    }
    baseNames.set(node.index, name);
    return name;
  };

  const plan = (node: Stage): StageState | undefined => {
    const { range } = node.from;
    const baseName = baseNameOf(node);
    const expand = expanderFor(globals, { file, range, escape });
    const explicit = node.from.platform === undefined ? undefined : expand.word(node.from.platform);
    const platform = explicit ? located(file, range, () => parsePlatform(explicit)) : options.platform;

    const replacement = node.name === undefined ? undefined : findContext(contexts, node.name, platform);
    if (replacement) return fromContext(node, replacement, platform, explicit !== undefined);
    const earlier = stageNamed(dockerfile.stages.slice(0, node.index), baseName);
    if (earlier) {
      const parent = stage(earlier.index);
      return parent && runStage(node, continueStage(parent, node.index));
    }
    if (baseName === 'scratch') {
      return runStage(node, newStage(node.index, { kind: 'scratch' }, platform));
    }
    const named = findContext(contexts, baseName, platform);
    if (named) {
      const state = fromContext(node, named, platform, explicit !== undefined);
      return state && runStage(node, state);
    }
    const reference = located(file, range, () => normalizeReference(baseName));
    const base = image({ reference, platform, platformIsExplicit: explicit !== undefined, range });
    return base && runStage(node, fromImage(node, base, explicit ? platform : undefined));
  };

  /** A stage that begins with a named context; where the context has the stage's own name, that is all of it. */
  const fromContext = (
    node: Stage,
    found: FoundContext,
    platform: Platform,
    isExplicit: boolean,
  ): StageState | undefined => {
    const { key, context } = found;
    if (context.kind === 'directory') return fromDirectory(node, key, platform);
    if (context.kind === 'image' && context.reference === 'scratch')
      return newStage(node.index, { kind: 'scratch' }, platform);
    const base = image(contextImage(found, platform, node.from.range, isExplicit));
    return base && fromImage(node, base, isExplicit ? platform : undefined, key);
  };

  /** The files of a folder as a base image of one layer. */
  const fromDirectory = (node: Stage, key: string, platform: Platform): StageState => {
    const state = newStage(node.index, { kind: 'scratch' }, platform);
    const definition = folderCopy(key);
    const id = beginWith(state, node, definition, key);
    state.history.push({
      kind: 'step',
      createdBy: copyText({ ...definition, instruction: 'COPY', inline: [] }),
      step: id,
    });
    return state;
  };

  /** Adds the step that FROM itself is; answers its id. */
  const beginWith = (
    state: StageState,
    node: Stage,
    definition: OperationDefinition,
    contextKey: string | undefined,
  ): string => {
    const id = `${node.index}/from`;
    const platform = node.from.platform ? `--platform=${formatPlatform(state.platform)} ` : '';
    const name = node.name ? ` AS ${node.name}` : '';
    const context = contextKey === undefined ? '' : ` # build context ${contextName(contextKey)}`;
    state.steps.push({
      id,
      instruction: 'FROM',
      name: `FROM ${platform}${baseNameOf(node)}${name}${context}`,
      range: node.from.range,
      written: { source: node.from.source, variables: {}, args: [] },
      definition,
      needs: [],
    });
    state.tip = id;
    return id;
  };

  const fromImage = (
    node: Stage,
    base: ResolvedImage,
    forced: Platform | undefined,
    contextKey?: string,
  ): StageState => {
    const { os, architecture, variant } = base.config;
    const state = newStage(
      node.index,
      { kind: 'image', image: base },
      forced ?? { os, architecture, ...(variant ? { variant } : {}) },
    );
    state.config = withDefaultPath(base.config.config ?? {}, state.platform.os);
    state.author = base.config.author;
    state.variables.clear();
    for (const [name, value] of envOf(state.config)) state.variables.set(name, value);
    state.history.push(
      ...(base.config.history ?? []).map((entry) => ({ kind: 'inherited' as const, entry })),
    );
    beginWith(state, node, { op: 'image', reference: base.reference, manifest: base.manifest }, contextKey);
    return state;
  };

  const newStage = (index: number, base: StageBase, platform: Platform): StageState => {
    const config = emptyConfig(platform).config!;
    return {
      index,
      base,
      platform,
      config,
      author: undefined,
      variables: new Map(envOf(config)),
      declaredArgs: new Map(),
      cmdSet: false,
      history: [],
      steps: [],
      reads: new Set(),
      tip: undefined,
    };
  };

  const continueStage = (parent: StageState, index: number): StageState => ({
    ...parent,
    index,
    base: { kind: 'stage', stage: parent.index },
    variables: new Map(parent.variables),
    declaredArgs: new Map(parent.declaredArgs),
    cmdSet: false,
    history: [...parent.history],
    steps: [],
    reads: new Set(),
  });

  const runStage = (node: Stage, state: StageState): StageState | undefined => {
    const context: DispatchContext = {
      dockerfile,
      buildArgs,
      globals,
      usedArgs,
      stage,
      image,
      platform: options.platform,
      rights: options.rights ?? DEFAULT_RIGHTS,
      contexts,
    };
    const triggers = state.config.OnBuild ?? [];
    state.config = clearOnbuild(state.config);
    let complete = true;
    for (const trigger of triggers) {
      const instruction = parseTrigger(trigger, `ONBUILD of ${baseNameOf(node)}`, node.from.range);
      complete = dispatch(state, { ...instruction, range: node.from.range }, context, 'ONBUILD ') && complete;
    }
    for (const instruction of node.instructions)
      complete = dispatch(state, instruction, context, '') && complete;
    return complete ? state : undefined;
  };

  const finish = (targetIndex: number): BuildGraph => {
    const needed = new Set<number>();
    const need = (index: number): void => {
      if (needed.has(index)) return;
      needed.add(index);
      const state = states.get(index)!;
      if (state.base.kind === 'stage') need(state.base.stage);
      state.reads.forEach(need);
    };
    need(targetIndex);
    const stages = dockerfile.stages.map((node): GraphStage => {
      const state = needed.has(node.index) ? states.get(node.index) : undefined;
      return state ? neededStage(node, state, baseNameOf(node)) : unneededStage(node, options.platform);
    });
    return {
      stages,
      steps: stages.flatMap((each) => each.steps),
      target: stages[targetIndex]!,
      unusedBuildArgs: Object.keys(buildArgs)
        .filter((name) => !usedArgs.has(name) && !PREDEFINED.test(name))
        .sort(),
    };
  };

  return { missing, stage, finish };
}

/** Build arguments that are meaningful without an ARG (proxies, BuildKit's controls, platform overrides). */
const PREDEFINED =
  /^(https?_proxy|ftp_proxy|no_proxy|all_proxy|BUILDKIT_\w+|SOURCE_DATE_EPOCH|(BUILD|TARGET)(PLATFORM|OS|OSVERSION|ARCH|VARIANT)|TARGETSTAGE)$/i;

function neededStage(node: Stage, state: StageState, baseName: string): GraphStage {
  const label = node.name ?? `${node.index}`;
  const steps = state.steps.map((draft, i): GraphStep => ({
    ...draft,
    stage: node.index,
    number: i + 1,
    total: state.steps.length,
    position: `${label}/${i}`,
  }));
  return {
    index: node.index,
    ...(node.name === undefined ? {} : { name: node.name }),
    baseName,
    base: state.base,
    needed: true,
    range: node.from.range,
    reads: [...state.reads].sort((a, b) => a - b),
    steps,
    ...(state.tip === undefined ? {} : { tip: state.tip }),
    platform: state.platform,
    config: state.config,
    ...(state.author === undefined ? {} : { author: state.author }),
    history: state.history,
  };
}

/** As written: variables of a stage that nothing needs may well be unset. */
function unneededStage(node: Stage, platform: Platform): GraphStage {
  return {
    index: node.index,
    ...(node.name === undefined ? {} : { name: node.name }),
    baseName: node.from.image,
    needed: false,
    range: node.from.range,
    reads: [],
    steps: [],
    platform,
    config: {},
    history: [],
  };
}

function located<T>(file: string, range: Stage['from']['range'], work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof EngineError ? error.at(file, range) : error;
  }
}

import { EngineError } from '../base/errors.ts';
import type {
  AddInstruction,
  CommandLine,
  CopyInstruction,
  Dockerfile,
  Instruction,
  RunInstruction,
  WorkdirInstruction,
} from '../dockerfile/ast.ts';
import { stripHeredocTabs } from '../dockerfile/heredoc.ts';
import { expandPorts } from '../dockerfile/ports.ts';
import { checkStopSignal } from '../dockerfile/stop-signal.ts';
import * as config from '../image/config.ts';
import * as history from '../image/history.ts';
import type { Healthcheck, Platform } from '../image/oci.ts';
import { normalizeReference } from '../image/reference.ts';
import type { OperationDefinition, TreeReference } from '../ops/definition.ts';
import { imageRequestKey, type ImageRequest, type ResolvedImage } from './build-graph.ts';
import { isRemoteSource } from '../ops/remote-source.ts';
import { contextImage, findContext, type NamedContexts } from './named-context.ts';
import { planRun } from './plan-run.ts';
import { readableStage } from './resolve-stage.ts';
import type { RunRights } from './run-rights.ts';
import type { StageState } from './stage-state.ts';
import { expanderFor, type Expander } from './variables.ts';

/** What instructions may ask of the graph around their stage. */
export interface DispatchContext {
  readonly dockerfile: Dockerfile;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly globals: ReadonlyMap<string, string>;
  /** Names of build arguments that some ARG declares. */
  readonly usedArgs: Set<string>;
  /** The final state of an earlier stage; undefined where one of its images is not known yet. */
  readonly stage: (index: number) => StageState | undefined;
  readonly image: (request: ImageRequest) => ResolvedImage | undefined;
  readonly platform: Platform;
  readonly rights: RunRights;
  readonly contexts: NamedContexts;
}

/**
 * Applies one instruction to the stage's state: config, variables, history, and a step where it changes files.
 * `prefix` goes before the step's name (`ONBUILD `). Answers false where an image it reads is not known yet.
 * Fails with an EngineError at the instruction's range.
 */
export function dispatch(
  state: StageState,
  instruction: Instruction,
  context: DispatchContext,
  prefix: string,
): boolean {
  const { file, directives } = context.dockerfile;
  const used = new Map<string, string>();
  const variables = {
    get(name: string): string | undefined {
      const value = state.variables.get(name);
      if (value !== undefined) used.set(name, value);
      return value;
    },
  };
  const expand = expanderFor(variables, { file, range: instruction.range, escape: directives.escape });
  try {
    return apply({ state, context, expand, used, prefix }, instruction);
  } catch (error) {
    throw error instanceof EngineError ? error.at(file, instruction.range) : error;
  }
}

interface Scope {
  readonly state: StageState;
  readonly context: DispatchContext;
  readonly expand: Expander;
  /** Variables that were expanded so far, with their values. */
  readonly used: ReadonlyMap<string, string>;
  readonly prefix: string;
}

function apply(scope: Scope, instruction: Instruction): boolean {
  const { state, context, expand } = scope;
  const record = (createdBy: string): void => void state.history.push({ kind: 'metadata', createdBy });
  switch (instruction.kind) {
    case 'ARG': {
      const shown = instruction.args.map((arg) => {
        const name = expand.word(arg.name);
        const value = argValue(scope, name, arg.default);
        context.usedArgs.add(name);
        state.declaredArgs.set(name, value);
        if (value !== undefined) state.variables.set(name, value);
        return { name, value };
      });
      record(history.argText(shown));
      return true;
    }
    case 'ENV': {
      const pairs = instruction.pairs.map(({ key, value }) => ({
        key: expand.word(key),
        value: expand.word(value),
      }));
      state.config = config.setEnv(state.config, pairs);
      for (const { key, value } of pairs) state.variables.set(key, value);
      record(history.envText(pairs));
      return true;
    }
    case 'LABEL': {
      const pairs = instruction.pairs.map(({ key, value }) => ({
        key: expand.word(key),
        value: expand.word(value),
      }));
      state.config = config.setLabels(state.config, pairs);
      record(history.labelText(pairs));
      return true;
    }
    case 'MAINTAINER':
      state.author = instruction.author;
      record(history.maintainerText(instruction.author));
      return true;
    case 'CMD': {
      const words = commandWords(state, instruction.command);
      state.config = config.setCmd(state.config, words);
      state.cmdSet = true;
      record(history.cmdText(words));
      return true;
    }
    case 'ENTRYPOINT': {
      const words = commandWords(state, instruction.command);
      state.config = config.setEntrypoint(state.config, words, state.cmdSet);
      record(history.entrypointText(words));
      return true;
    }
    case 'SHELL':
      state.config = config.setShell(state.config, instruction.words);
      record(history.shellText(instruction.words));
      return true;
    case 'EXPOSE': {
      const ports = expandPorts(expand.words(instruction.ports));
      state.config = config.addPorts(state.config, ports);
      record(history.exposeText(ports));
      return true;
    }
    case 'USER': {
      const user = expand.word(instruction.user);
      state.config = config.setUser(state.config, user);
      record(history.userText(user));
      return true;
    }
    case 'VOLUME': {
      const paths = instruction.paths.map((path) => expand.word(path).trim());
      if (paths.includes('')) throw new EngineError('VOLUME_EMPTY', 'A VOLUME must not be an empty path.');
      state.config = config.addVolumes(state.config, paths);
      record(history.volumeText(paths));
      return true;
    }
    case 'STOPSIGNAL': {
      const signal = expand.word(instruction.signal);
      checkStopSignal(signal);
      state.config = config.setStopSignal(state.config, signal);
      record(history.stopSignalText(signal));
      return true;
    }
    case 'HEALTHCHECK': {
      const check: Healthcheck = {
        Test: instruction.test,
        Interval: instruction.interval,
        Timeout: instruction.timeout,
        StartPeriod: instruction.startPeriod,
        StartInterval: instruction.startInterval,
        Retries: instruction.retries,
      };
      state.config = config.setHealthcheck(state.config, check);
      record(history.healthcheckText(check));
      return true;
    }
    case 'ONBUILD':
      state.config = config.addOnbuild(state.config, instruction.trigger);
      return true;
    case 'WORKDIR':
      workdir(scope, instruction);
      return true;
    case 'COPY':
    case 'ADD':
      return copy(scope, instruction);
    case 'RUN':
      return run(scope, instruction);
  }
}

/** --build-arg, else the ARG's own default, else the global ARG's value (reference: ARG scopes). */
function argValue(
  { context, expand }: Scope,
  name: string,
  fallback: string | undefined,
): string | undefined {
  const given = context.buildArgs[name];
  if (given !== undefined) return given;
  if (fallback !== undefined) return expand.word(fallback);
  return context.globals.get(name);
}

function commandWords(state: StageState, command: CommandLine): readonly string[] {
  if (command.form === 'exec') return command.words;
  return config.shellCommand(state.config, state.platform.os, command.text);
}

function workdir(scope: Scope, instruction: WorkdirInstruction): void {
  const { state, expand, prefix } = scope;
  const text = expand.word(instruction.path);
  const path = config.resolveWorkdir(state.config, text);
  state.config = config.setWorkdir(state.config, path);
  if (path === '/') {
    state.history.push({ kind: 'metadata', createdBy: history.workdirText(path) });
    return;
  }
  addStep(scope, {
    instruction,
    name: `${prefix}WORKDIR ${path}`,
    definition: { op: 'workdir', path, user: state.config.User ?? '' },
    createdBy: history.workdirText(path),
    needs: [],
  });
}

function run(scope: Scope, instruction: RunInstruction): boolean {
  const { state, context, expand, prefix } = scope;
  const read: SourceTree[] = [];
  const { definition, words, args } = planRun(state, instruction, {
    buildArgs: context.buildArgs,
    rights: context.rights,
    expand: (word) => expand.word(word),
    tree: (from) => {
      const source = fromTree(scope, from, instruction);
      read.push(source);
      return source.tree;
    },
  });
  addStep(scope, {
    instruction,
    name: `${prefix}${instruction.source}`,
    definition,
    createdBy: history.runText(words, args),
    needs: read.flatMap(({ needs }) => needs),
  });
  for (const { tree } of read) if (tree.kind === 'stage') state.reads.add(tree.stage);
  return read.every(({ known }) => known);
}

function copy(scope: Scope, instruction: CopyInstruction | AddInstruction): boolean {
  const { state, expand, prefix } = scope;
  const isCopy = instruction.kind === 'COPY';
  const source =
    isCopy && instruction.from !== undefined ? fromTree(scope, instruction.from, instruction) : CONTEXT;
  const sources = instruction.sources.map((each) => expand.word(each));
  if (!isCopy && instruction.checksum !== undefined && !sources.every(isRemoteSource)) {
    throw new EngineError('ADD_CHECKSUM', 'ADD --checksum is for URLs and git repositories only.', {
      hint: 'Take the flag away: files of the build context are compared by content anyway.',
    });
  }
  const destination = expand.word(instruction.destination);
  const inline = instruction.heredocs.map((heredoc) => {
    const text = heredoc.chomp ? stripHeredocTabs(heredoc.content) : heredoc.content;
    return { name: heredoc.name, text: heredoc.expand ? expand.body(text) : text };
  });
  const chown = instruction.chown === undefined ? undefined : expand.word(instruction.chown);
  const chmod = instruction.chmod === undefined ? undefined : expand.word(instruction.chmod);
  const shown = [...sources, ...inline.map(({ name }) => `<<${name}`)];
  const flags = {
    ...(isCopy && instruction.parents ? { parents: true } : {}),
    ...(chown === undefined ? {} : { chown }),
    ...(chmod === undefined ? {} : { chmod }),
  };
  const from = isCopy && instruction.from !== undefined ? `--from=${instruction.from} ` : '';
  addStep(scope, {
    instruction,
    name: `${prefix}${instruction.kind} ${from}${flagText(flags)}${[...shown, destination].join(' ')}`,
    definition: {
      op: isCopy ? 'copy' : 'add',
      from: source.tree,
      sources,
      inline,
      destination: absoluteDestination(state, destination),
      ...(chown === undefined ? {} : { chown }),
      ...(chmod === undefined ? {} : { chmod }),
      // As BuildKit has it, --link does nothing together with --chmod.
      link: instruction.link && chmod === undefined,
      parents: isCopy && instruction.parents,
      exclude: instruction.exclude,
      ...(isCopy || instruction.unpack === undefined ? {} : { unpack: instruction.unpack }),
    },
    createdBy: history.copyText({
      instruction: instruction.kind,
      ...flags,
      sources,
      inline: inline.map(({ name }) => name),
      destination,
    }),
    needs: source.needs,
  });
  if (source.tree.kind === 'stage') state.reads.add(source.tree.stage);
  return source.known;
}

interface SourceTree {
  readonly tree: TreeReference;
  readonly needs: readonly string[];
  readonly known: boolean;
}

const CONTEXT: SourceTree = { tree: { kind: 'context' }, needs: [], known: true };

function fromTree({ state, context }: Scope, from: string, { range }: Instruction): SourceTree {
  const named = findContext(context.contexts, from, context.platform);
  if (named?.context.kind === 'directory') {
    return { tree: { kind: 'named', name: named.key }, needs: [], known: true };
  }
  const isEmpty = named?.context.kind === 'image' && named.context.reference === 'scratch';
  const stage = named && !isEmpty ? undefined : readableStage(context.dockerfile, state.index, from, range);
  if (stage) {
    const read = context.stage(stage.index);
    return {
      tree: { kind: 'stage', stage: stage.index },
      needs: read?.tip === undefined ? [] : [read.tip],
      known: read !== undefined,
    };
  }
  if (isEmpty) {
    throw new EngineError(
      'CONTEXT_EMPTY',
      `Build context "${from}" is scratch: there is nothing to read in it.`,
    );
  }
  const request = named
    ? contextImage(named, context.platform, range)
    : { reference: normalizeReference(from), platform: context.platform, platformIsExplicit: false, range };
  const { reference } = request;
  const known = context.image(request) !== undefined;
  return { tree: { kind: 'image', reference, request: imageRequestKey(request) }, needs: [], known };
}

/** Relative destinations are below WORKDIR; a trailing `/` or `/.` stays significant, as one `/`. */
function absoluteDestination(state: StageState, destination: string): string {
  const path = config.resolveWorkdir(state.config, destination);
  const isDirectory =
    destination === '' ||
    destination === '.' ||
    /\/\.?$/.test(destination) ||
    destination === '..' ||
    destination.endsWith('/..');
  return isDirectory && path !== '/' ? `${path}/` : path;
}

function flagText(flags: {
  readonly parents?: boolean;
  readonly chown?: string;
  readonly chmod?: string;
}): string {
  return (
    (flags.parents ? '--parents ' : '') +
    (flags.chown === undefined ? '' : `--chown=${flags.chown} `) +
    (flags.chmod === undefined ? '' : `--chmod=${flags.chmod} `)
  );
}

function addStep(
  { state, used }: Scope,
  step: {
    readonly instruction: Instruction;
    readonly name: string;
    readonly definition: OperationDefinition;
    readonly createdBy: string;
    readonly needs: readonly string[];
  },
): void {
  const id = `${state.index}/${state.steps.length}`;
  state.steps.push({
    id,
    instruction: step.instruction.kind,
    name: step.name,
    range: step.instruction.range,
    written: {
      source: writtenText(step.instruction),
      variables: Object.fromEntries(used),
      args: [...state.declaredArgs.keys()],
    },
    definition: step.definition,
    ...(state.tip === undefined ? {} : { previous: state.tip }),
    needs: [...new Set([...(state.tip === undefined ? [] : [state.tip]), ...step.needs])],
  });
  state.tip = id;
  state.history.push({ kind: 'step', createdBy: step.createdBy, step: id });
}

function writtenText(instruction: Instruction): string {
  const heredocs = 'heredocs' in instruction ? instruction.heredocs : [];
  return [instruction.source, ...heredocs.map(({ name, content }) => `${content}${name}`)].join('\n');
}

import { EngineError } from '../base/errors.ts';
import type { RunInstruction } from '../dockerfile/ast.ts';
import { stripHeredocTabs } from '../dockerfile/heredoc.ts';
import * as config from '../image/config.ts';
import type { RunDefinition, TreeReference } from '../ops/definition.ts';
import { planMounts } from './plan-mounts.ts';
import { requireGrant, type RunRights } from './run-rights.ts';
import type { StageState } from './stage-state.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'];

export interface PlannedRun {
  readonly definition: RunDefinition;
  /** The command and the declared ARGs as the history shows them. */
  readonly words: readonly string[];
  readonly args: readonly { readonly key: string; readonly value: string }[];
}

export interface RunContext {
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly rights: RunRights;
  readonly expand: (word: string) => string;
  /** The tree that a mount's `from` names. */
  readonly tree: (from: string) => TreeReference;
}

/**
 * What a RUN does in its stage: the command with the stage's shell and heredocs, the image's environment with the ARGs declared
 * so far (the later of ARG and ENV wins), WORKDIR and USER, and its mounts. Fails with RUN_UNSUPPORTED for `--device`, with
 * RUN_NOT_GRANTED for a right that the build was not given, and as planMounts does.
 */
export function planRun(state: StageState, instruction: RunInstruction, context: RunContext): PlannedRun {
  const { buildArgs, rights } = context;
  refuseDevices(instruction);
  const insecure = instruction.security === 'insecure';
  if (insecure) requireGrant(rights, 'security.insecure', '--security=insecure');
  if (instruction.network === 'host' && rights.network !== 'host')
    requireGrant(rights, 'network.host', '--network=host');
  const mounts = planMounts(instruction.mounts, { ...context, config: state.config });
  const { args, script } = commandOf(state, instruction);
  const env = new Map((state.config.Env ?? []).map(split));
  const shown: { key: string; value: string }[] = [];
  for (const [key, given] of state.declaredArgs) {
    if (given === undefined) continue;
    shown.push({ key, value: given });
    env.set(key, state.variables.get(key) ?? given);
  }
  if (!env.has('PATH')) env.set('PATH', DEFAULT_PATH);
  const proxies = PROXIES.flatMap((name) => [name, name.toLowerCase()]).filter(
    (name) => buildArgs[name] !== undefined && !env.has(name),
  );
  return {
    definition: {
      op: 'run',
      args,
      env: [...env].map(([key, value]) => `${key}=${value}`),
      proxies: proxies.map((name) => `${name}=${buildArgs[name]}`),
      architecture: state.platform.architecture,
      cwd: state.config.WorkingDir || '/',
      user: state.config.User ?? '',
      network: networkOf(instruction, rights),
      ...(insecure ? { insecure } : {}),
      ...(mounts.length === 0 ? {} : { mounts }),
      ...(script === undefined ? {} : { script }),
    },
    words: args,
    args: shown,
  };
}

function commandOf(
  state: StageState,
  { command, heredocs }: RunInstruction,
): Pick<RunDefinition, 'args' | 'script'> {
  if (command.form === 'exec') return { args: command.words };
  const shell = (text: string): readonly string[] =>
    config.shellCommand(state.config, state.platform.os, text);
  const [only] = heredocs;
  if (only && /^\s*\d*<<-?\s*\S+\s*$/.test(command.text)) {
    const text = only.chomp ? stripHeredocTabs(only.content) : only.content;
    if (!text.startsWith('#!')) return { args: shell(text) };
    // The delimiter is the author's own word, which need not be a file name.
    const path = `/dev/pipes/${/^[\w.-]*\w$/.test(only.name) ? only.name : 'EOF'}`;
    return { args: [path], script: { path, text } };
  }
  const bodies = heredocs.map(({ name, content }) => `\n${content}${name}`);
  return { args: shell(command.text + bodies.join('')) };
}

/** Without a word in the Dockerfile the build's; all but `none` is the machine's own network. */
function networkOf({ network }: RunInstruction, rights: RunRights): RunDefinition['network'] {
  return (network === 'default' ? rights.network : network) === 'none' ? 'none' : 'host';
}

function refuseDevices({ devices }: RunInstruction): void {
  if (devices.length === 0) return;
  throw new EngineError('RUN_UNSUPPORTED', 'RUN --device is not supported.', {
    hint: 'Take the flag away, or build a target without this step with --target.',
  });
}

function split(pair: string): [string, string] {
  const equals = pair.indexOf('=');
  return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
}

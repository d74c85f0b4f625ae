import { missingArguments } from './arguments.ts';
import type {
  CmdInstruction,
  CommandLine,
  EntrypointInstruction,
  Heredoc,
  RunInstruction,
  ShellInstruction,
} from './ast.ts';
import { readFlags } from './flags.ts';
import { readJsonWords } from './json-form.ts';
import { quote } from './messages.ts';
import { parseMount } from './mounts.ts';
import { statementError } from './statement.ts';
import type { PlacedHeredoc, Statement } from './statement.ts';
import { suggestion } from './suggest.ts';
import type { Word } from './whitespace.ts';

const RUN_FLAGS = { mount: 'list', network: 'text', security: 'text', device: 'list' } as const;
const NETWORKS = ['default', 'none', 'host'] as const;
const SECURITIES = ['sandbox', 'insecure'] as const;

/**
 * RUN. A heredoc's opening word stays in the text, its body is in `heredocs`; the exec form has none. Fails with
 * DOCKERFILE_FLAG and DOCKERFILE_MOUNT.
 */
export function parseRun(statement: Statement): RunInstruction {
  const flags = readFlags(statement, RUN_FLAGS);
  return {
    ...statement.common,
    kind: 'RUN',
    command: readCommand(statement),
    heredocs: statement.heredocs.map(withoutPlace),
    mounts: flags.mount.map((mount) => {
      return parseMount(mount.text, (message, hint) =>
        statementError(statement, 'DOCKERFILE_MOUNT', message, hint, mount),
      );
    }),
    network: readChoice(statement, 'network', flags.network, NETWORKS),
    security: readChoice(statement, 'security', flags.security, SECURITIES),
    devices: flags.device.map((device) => device.text),
  };
}

/** CMD, in exec or shell form. */
export function parseCmd(statement: Statement): CmdInstruction {
  readFlags(statement, {});
  return { ...statement.common, kind: 'CMD', command: readCommand(statement) };
}

/** ENTRYPOINT, in exec or shell form. */
export function parseEntrypoint(statement: Statement): EntrypointInstruction {
  readFlags(statement, {});
  return { ...statement.common, kind: 'ENTRYPOINT', command: readCommand(statement) };
}

/** SHELL, in exec form only. Fails with DOCKERFILE_ARGUMENTS where it names no program, with DOCKERFILE_JSON in shell form. */
export function parseShell(statement: Statement): ShellInstruction {
  readFlags(statement, {});
  const example = 'SHELL ["/bin/bash", "-c"]';
  const words = readJsonWords(statement);
  if (statement.args.text === '' || words?.length === 0) throw missingArguments(statement, example);
  if (words) return { ...statement.common, kind: 'SHELL', words };
  const message = 'SHELL takes a JSON array of strings.';
  throw statementError(
    statement,
    'DOCKERFILE_JSON',
    message,
    `Write for example: ${example}`,
    statement.args,
  );
}

/** A heredoc as the instruction keeps it. */
export function withoutPlace({ start: _start, end: _end, ...heredoc }: PlacedHeredoc): Heredoc {
  return heredoc;
}

function readCommand(statement: Statement): CommandLine {
  const words = readJsonWords(statement);
  return words ? { form: 'exec', words } : { form: 'shell', text: statement.args.text };
}

function readChoice<T extends string>(
  statement: Statement,
  name: string,
  given: Word | undefined,
  choices: readonly [T, ...T[]],
): T {
  if (!given) return choices[0];
  const choice = choices.find((candidate) => candidate === given.text);
  if (choice !== undefined) return choice;
  const hint = suggestion(given.text, choices, `--${name}=`) ?? `It can be ${choices.join(', ')}.`;
  const message = `The flag --${name} cannot be ${quote(given.text)}.`;
  throw statementError(statement, 'DOCKERFILE_FLAG', message, hint, given);
}

import { argumentError, missingArguments } from './arguments.ts';
import type { HealthcheckInstruction } from './ast.ts';
import { readFlags } from './flags.ts';
import { parseGoDuration } from './go-duration.ts';
import { readJsonWords } from './json-form.ts';
import { quote } from './messages.ts';
import { statementError } from './statement.ts';
import type { Statement } from './statement.ts';
import { skipSpace, splitBlank } from './whitespace.ts';
import type { Word } from './whitespace.ts';

const FLAGS = {
  interval: 'text',
  timeout: 'text',
  'start-period': 'text',
  'start-interval': 'text',
  retries: 'text',
} as const;

const NANOSECONDS_PER_MILLISECOND = 1_000_000;
const MAX_RETRIES = 2 ** 31 - 1;

/**
 * HEALTHCHECK. Flags of `HEALTHCHECK NONE` are accepted and mean nothing. Fails with DOCKERFILE_ARGUMENTS for a type that
 * is neither CMD nor NONE or lacks its command, and with DOCKERFILE_HEALTHCHECK for a flag's value.
 */
export function parseHealthcheck(statement: Statement): HealthcheckInstruction {
  const flags = readFlags(statement, FLAGS);
  const example = 'HEALTHCHECK CMD curl -f http://localhost/';
  const type = splitBlank(statement.args.text)[0];
  if (!type) throw missingArguments(statement, example);
  const isNone = type.text.toUpperCase() === 'NONE';
  return {
    ...statement.common,
    kind: 'HEALTHCHECK',
    test: isNone ? readNone(statement, type) : readCmd(statement, type, example),
    interval: readDuration(statement, 'interval', isNone ? undefined : flags.interval),
    timeout: readDuration(statement, 'timeout', isNone ? undefined : flags.timeout),
    startPeriod: readDuration(statement, 'start-period', isNone ? undefined : flags['start-period']),
    startInterval: readDuration(statement, 'start-interval', isNone ? undefined : flags['start-interval']),
    retries: readRetries(statement, isNone ? undefined : flags.retries),
  };
}

function readNone(statement: Statement, type: Word): readonly string[] {
  if (type.end === statement.args.text.length) return ['NONE'];
  throw argumentError(statement, 'HEALTHCHECK NONE takes no arguments.', 'Remove what follows NONE.');
}

function readCmd(statement: Statement, type: Word, example: string): readonly string[] {
  const hint = `Write for example: ${example}`;
  if (type.text.toUpperCase() !== 'CMD') {
    throw argumentError(statement, `HEALTHCHECK is followed by CMD or NONE, not ${quote(type.text)}.`, hint);
  }
  const from = skipSpace(statement.args.text, type.end);
  const words = readJsonWords(statement, from);
  const text = statement.args.text.slice(from);
  if (text === '' || words?.length === 0)
    throw argumentError(statement, 'HEALTHCHECK CMD lacks its command.', hint);
  return words ? ['CMD', ...words] : ['CMD-SHELL', text];
}

function readDuration(statement: Statement, name: string, flag: Word | undefined): number {
  if (!flag) return 0;
  const nanoseconds = parseGoDuration(flag.text);
  if (nanoseconds === undefined) {
    throw flagError(statement, flag, `The flag --${name} is not a duration: ${quote(flag.text)}.`);
  }
  if (nanoseconds !== 0 && nanoseconds < NANOSECONDS_PER_MILLISECOND) {
    throw flagError(statement, flag, `The flag --${name} is shorter than a millisecond.`);
  }
  return nanoseconds;
}

function readRetries(statement: Statement, flag: Word | undefined): number {
  if (!flag) return 0;
  if (/^\d{1,10}$/.test(flag.text) && Number(flag.text) <= MAX_RETRIES) return Number(flag.text);
  const message = `The flag --retries is not a number of retries: ${quote(flag.text)}.`;
  throw statementError(statement, 'DOCKERFILE_HEALTHCHECK', message, 'Write for example --retries=3.', flag);
}

function flagError(statement: Statement, flag: Word, message: string) {
  const hint = 'Write for example 30s, 1m30s or 500ms; 0 keeps what the base image says.';
  return statementError(statement, 'DOCKERFILE_HEALTHCHECK', message, hint, flag);
}

import type { EngineError } from '../base/errors.ts';
import { statementError } from './statement.ts';
import type { Statement } from './statement.ts';

/** An error about how many arguments the instruction has, or which. */
export function argumentError(statement: Statement, message: string, hint?: string): EngineError {
  return statementError(statement, 'DOCKERFILE_ARGUMENTS', message, hint);
}

/** The instruction has no arguments though it needs some; `example` shows how it is written. */
export function missingArguments(statement: Statement, example: string): EngineError {
  return argumentError(
    statement,
    `${statement.keyword} needs at least one argument.`,
    `Write for example: ${example}`,
  );
}

/** The rest of the line, which must not be empty, as one text. Fails with DOCKERFILE_ARGUMENTS. */
export function soleArgument(statement: Statement, example: string): string {
  if (statement.args.text !== '') return statement.args.text;
  throw argumentError(statement, `${statement.keyword} needs an argument.`, `Write for example: ${example}`);
}

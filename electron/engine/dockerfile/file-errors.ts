import type { SourceRange } from '../../../shared/source-range.ts';
import { EngineError } from '../base/errors.ts';
import type { ArgInstruction } from './ast.ts';
import { statementError } from './statement.ts';
import type { Statement } from './statement.ts';

const START: SourceRange = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 };

/** The file has no instruction: DOCKERFILE_EMPTY. */
export function emptyFile(file: string, text: string): EngineError {
  const message = text.includes('#')
    ? 'The Dockerfile holds nothing but comments.'
    : 'The Dockerfile is empty.';
  const hint = 'Begin it with FROM and the image to build on.';
  return new EngineError('DOCKERFILE_EMPTY', message, { hint, file, range: START });
}

/** The file has ARGs only: DOCKERFILE_NO_FROM. */
export function noFrom(file: string, last: ArgInstruction | undefined): EngineError {
  const hint = 'Add FROM and the image to build on.';
  const range = last?.range ?? START;
  return new EngineError('DOCKERFILE_NO_FROM', 'The Dockerfile has no FROM.', { hint, file, range });
}

/** An instruction but ARG stands before the first FROM: DOCKERFILE_BEFORE_FROM. */
export function beforeFrom(statement: Statement): EngineError {
  const message = `${statement.keyword} stands before the first FROM.`;
  const hint = 'Only ARG may stand there; begin with FROM and the image to build on.';
  return statementError(statement, 'DOCKERFILE_BEFORE_FROM', message, hint);
}

/** The file has more instructions than are allowed: DOCKERFILE_TOO_LARGE. */
export function tooManyInstructions(file: string, range: SourceRange, limit: number): EngineError {
  const message = `The Dockerfile has more than ${limit.toLocaleString('en')} instructions.`;
  const hint = 'Check that this is the file you meant.';
  return new EngineError('DOCKERFILE_TOO_LARGE', message, { hint, file, range });
}

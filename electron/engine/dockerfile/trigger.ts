import type { SourceRange } from '../../../shared/source-range.ts';
import { EngineError } from '../base/errors.ts';
import type { Instruction } from './ast.ts';
import { parseInstruction } from './instructions.ts';
import { nextLogicalLine } from './lines.ts';
import { checkTrigger } from './onbuild.ts';
import { createLineReader, decodeSource } from './source-text.ts';
import { readStatement } from './statement-reader.ts';

/**
 * Parses the text of an ONBUILD trigger, heredoc bodies included, to its one instruction. Everything in it has the given
 * file and range: those of the FROM that brings it in. Fails with DOCKERFILE_ONBUILD where it is not one instruction or
 * not one that can be a trigger, and as {@link parseDockerfile} does.
 */
export function parseTrigger(text: string, file: string, range: SourceRange): Instruction {
  try {
    const reader = createLineReader(decodeSource(text, file), file);
    const line = nextLogicalLine(reader, '\\');
    const statement = line && readStatement(reader, { ...line, locate: () => range }, '\\');
    if (!statement || nextLogicalLine(reader, '\\')) {
      throw new EngineError('DOCKERFILE_ONBUILD', 'The ONBUILD trigger is not one instruction.');
    }
    checkTrigger(statement);
    return parseInstruction({ ...statement, common: { ...statement.common, range } }) as Instruction;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError(error.code, error.message, { hint: error.hint, file, range, cause: error });
  }
}

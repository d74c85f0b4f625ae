import type { SourceRange } from '../../../shared/source-range.ts';
import { EngineError } from '../base/errors.ts';
import type { ArgInstruction, Dockerfile, FromInstruction, Instruction, ParseWarning, Stage } from './ast.ts';
import { readDirectives } from './directives.ts';
import { beforeFrom, emptyFile, noFrom, tooManyInstructions } from './file-errors.ts';
import { parseInstruction } from './instructions.ts';
import { nextLogicalLine } from './lines.ts';
import { createLineReader, decodeSource } from './source-text.ts';
import { readStatement } from './statement-reader.ts';

export { parseTrigger } from './trigger.ts';

/** Instructions a Dockerfile may have. */
export const MAX_INSTRUCTIONS = 10_000;
const MAX_ERRORS = 100;

/**
 * Parses a Dockerfile: text → lines → statements → typed instructions, in stages. `file` is the name that errors carry.
 * Nothing is expanded. Fails with the first error in it, as an EngineError whose code begins with DOCKERFILE_, with file
 * and range. After the Dockerfile reference and, where that is silent, BuildKit's parser.
 */
export function parseDockerfile(source: string | Uint8Array, file: string): Dockerfile {
  return read(source, file, (error) => {
    throw error;
  });
}

/** All errors that {@link parseDockerfile} could fail with, in order, at most 100; none where it would succeed. */
export function checkDockerfile(source: string | Uint8Array, file: string): readonly EngineError[] {
  const errors: EngineError[] = [];
  try {
    read(source, file, (error) => {
      errors.push(error);
      if (errors.length === MAX_ERRORS) throw error;
    });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (!errors.includes(error)) errors.push(error);
  }
  return errors;
}

function read(source: string | Uint8Array, file: string, onError: (error: EngineError) => void): Dockerfile {
  const text = decodeSource(source, file);
  const reader = createLineReader(text, file);
  const directives = readDirectives(reader);
  const globalArgs: ArgInstruction[] = [];
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  const warnings: ParseWarning[] = [];
  let count = 0;
  let sawFrom = false;

  function readNext(): boolean {
    const line = nextLogicalLine(reader, directives.escape);
    if (!line) return false;
    if (++count > MAX_INSTRUCTIONS) throw tooManyInstructions(file, line.range, MAX_INSTRUCTIONS);
    if (line.emptyLine) warnings.push(emptyContinuation(line.emptyLine));
    const statement = readStatement(reader, line, directives.escape);
    sawFrom ||= statement.keyword === 'FROM';
    const instruction = parseInstruction(statement);
    if (instruction.kind === 'FROM') stages.push(startStage(stages.length, instruction));
    else if (sawFrom) stages.at(-1)?.instructions.push(instruction);
    else if (instruction.kind === 'ARG') globalArgs.push(instruction);
    else {
      // Said once: everything after it would be told the same.
      sawFrom = true;
      throw beforeFrom(statement);
    }
    return true;
  }

  for (let more = true; more;) {
    try {
      more = readNext();
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      onError(error);
      more = error.code !== 'DOCKERFILE_TOO_LARGE';
    }
  }
  if (count === 0) onError(emptyFile(file, text));
  else if (!sawFrom) onError(noFrom(file, globalArgs.at(-1)));
  return { file, text, directives, globalArgs, stages, warnings };
}

function startStage(index: number, from: FromInstruction): Stage & { instructions: Instruction[] } {
  const name = from.stageName;
  return { index, ...(name === undefined ? {} : { name }), from, instructions: [] };
}

function emptyContinuation(range: SourceRange): ParseWarning {
  return { code: 'NoEmptyContinuation', message: 'A blank line stands inside a continued line.', range };
}

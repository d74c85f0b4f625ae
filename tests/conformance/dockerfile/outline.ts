import type { Dockerfile, FromInstruction, Instruction } from '../../../electron/engine/dockerfile/ast.ts';
import { parseDockerfile } from '../../../electron/engine/dockerfile/parse.ts';

/** Every instruction of a Dockerfile in order, FROMs and global ARGs among them. */
export function instructionsOf(dockerfile: Dockerfile): readonly (FromInstruction | Instruction)[] {
  const ofStages = dockerfile.stages.flatMap((stage) => [stage.from, ...stage.instructions]);
  return [...dockerfile.globalArgs, ...ofStages];
}

/** The instruction that `text` holds when it follows a FROM, without range, source and comments. */
export function parseOne(text: string, head = 'FROM base\n'): Record<string, unknown> {
  const [instruction, ...rest] = parseDockerfile(head + text, 'Dockerfile').stages[0]!.instructions;
  if (!instruction || rest.length > 0) throw new Error('not one instruction');
  const { range: _range, source: _source, comments: _comments, ...own } = instruction;
  return own;
}

/** `1:1-2:5 KIND` for every instruction. */
export function rangesOf(text: string): readonly string[] {
  return instructionsOf(parseDockerfile(text, 'Dockerfile')).map(({ kind, range }) => {
    return `${range.startLine}:${range.startColumn}-${range.endLine}:${range.endColumn} ${kind}`;
  });
}

import { missingArguments } from './arguments.ts';
import type { OnbuildInstruction } from './ast.ts';
import { readFlags } from './flags.ts';
import { splitStatement, statementError } from './statement.ts';
import type { Statement } from './statement.ts';

const FORBIDDEN = ['ONBUILD', 'FROM', 'MAINTAINER'];

/**
 * ONBUILD. The trigger is parsed by `parseOther` so that its errors show here and not in a later build from the image.
 * Fails with DOCKERFILE_ARGUMENTS, DOCKERFILE_ONBUILD for an instruction that cannot be a trigger, and as that one does.
 */
export function parseOnbuild(
  statement: Statement,
  parseOther: (statement: Statement) => unknown,
): OnbuildInstruction {
  readFlags(statement, {});
  if (statement.args.text === '') throw missingArguments(statement, 'ONBUILD COPY . /app');
  const inner = { ...splitStatement(statement, statement.args.start), heredocs: statement.heredocs };
  checkTrigger(inner);
  parseOther(inner);
  const bodies = statement.heredocs.map(({ content, name }) => `\n${content}${name}`);
  return { ...statement.common, kind: 'ONBUILD', trigger: statement.args.text + bodies.join('') };
}

/** Fails with DOCKERFILE_ONBUILD for an instruction that cannot be a trigger. */
export function checkTrigger(statement: Statement): void {
  if (!FORBIDDEN.includes(statement.keyword)) return;
  const message = `${statement.keyword} cannot be an ONBUILD trigger.`;
  throw statementError(
    statement,
    'DOCKERFILE_ONBUILD',
    message,
    'Triggers are instructions that run in a stage, such as COPY or RUN.',
  );
}

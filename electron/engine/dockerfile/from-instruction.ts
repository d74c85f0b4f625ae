import { argumentError } from './arguments.ts';
import type { FromInstruction } from './ast.ts';
import { readFlags } from './flags.ts';
import { quote } from './messages.ts';
import { statementError } from './statement.ts';
import type { Statement } from './statement.ts';
import { splitBlank } from './whitespace.ts';

const STAGE_NAME = /^[a-z][a-z0-9._-]*$/;

/** FROM. The stage's name is lower-cased. Fails with DOCKERFILE_ARGUMENTS, DOCKERFILE_FLAG and DOCKERFILE_STAGE_NAME. */
export function parseFrom(statement: Statement): FromInstruction {
  const { platform } = readFlags(statement, { platform: 'text' });
  const [image, as, name, ...rest] = splitBlank(statement.args.text, statement.args.start);
  if (!image)
    throw argumentError(statement, 'FROM does not name an image.', 'Write for example: FROM alpine:3.22');
  if (as && (as.text.toUpperCase() !== 'AS' || !name || rest.length > 0)) {
    const message = `FROM takes an image and AS with a name, and here has ${quote(statement.args.text)}.`;
    throw argumentError(statement, message, `Write for example: FROM ${image.text} AS build`);
  }
  const stageName = name?.text.toLowerCase();
  if (name && !STAGE_NAME.test(stageName!)) {
    const hint = 'It begins with a letter and goes on with letters, digits, ".", "_" and "-".';
    const message = `A stage cannot be named ${quote(name.text)}.`;
    throw statementError(statement, 'DOCKERFILE_STAGE_NAME', message, hint, name);
  }
  return {
    ...statement.common,
    kind: 'FROM',
    image: image.text,
    ...(platform ? { platform: platform.text } : {}),
    ...(stageName === undefined ? {} : { stageName }),
  };
}

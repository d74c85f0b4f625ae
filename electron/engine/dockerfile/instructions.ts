import type { FromInstruction, Instruction } from './ast.ts';
import { parseCmd, parseEntrypoint, parseRun, parseShell } from './command-instructions.ts';
import {
  parseArg,
  parseEnv,
  parseExpose,
  parseLabel,
  parseMaintainer,
  parseStopsignal,
  parseUser,
  parseVolume,
  parseWorkdir,
} from './config-instructions.ts';
import { parseAdd, parseCopy } from './copy-instructions.ts';
import { parseFrom } from './from-instruction.ts';
import { parseHealthcheck } from './healthcheck.ts';
import { quote } from './messages.ts';
import { parseOnbuild } from './onbuild.ts';
import { statementError } from './statement.ts';
import type { Statement } from './statement.ts';
import { suggestion } from './suggest.ts';

type Parser = (statement: Statement) => FromInstruction | Instruction;

const PARSERS: Readonly<Record<string, Parser>> = {
  ADD: parseAdd,
  ARG: parseArg,
  CMD: parseCmd,
  COPY: parseCopy,
  ENTRYPOINT: parseEntrypoint,
  ENV: parseEnv,
  EXPOSE: parseExpose,
  FROM: parseFrom,
  HEALTHCHECK: parseHealthcheck,
  LABEL: parseLabel,
  MAINTAINER: parseMaintainer,
  ONBUILD: (statement) => parseOnbuild(statement, parseInstruction),
  RUN: parseRun,
  SHELL: parseShell,
  STOPSIGNAL: parseStopsignal,
  USER: parseUser,
  VOLUME: parseVolume,
  WORKDIR: parseWorkdir,
};

/** The typed instruction of a statement. Fails with DOCKERFILE_UNKNOWN_INSTRUCTION, and as the instruction's parser does. */
export function parseInstruction(statement: Statement): FromInstruction | Instruction {
  const { keyword } = statement;
  if (Object.hasOwn(PARSERS, keyword)) return PARSERS[keyword]!(statement);
  const { keywordPlace: place, common } = statement;
  const code = 'DOCKERFILE_UNKNOWN_INSTRUCTION';
  if (keyword === '') {
    throw statementError(
      statement,
      code,
      'A line goes on, but nothing follows it.',
      'Remove the continuation.',
    );
  }
  const written = quote(common.source.slice(place.start, place.end));
  throw statementError(statement, code, `Unknown instruction ${written}.`, hintFor(keyword), place);
}

function hintFor(keyword: string): string | undefined {
  const similar = suggestion(keyword, Object.keys(PARSERS));
  if (similar !== undefined) return similar;
  return 'If it belongs to the line above, that line must end with the escape character, and no comment may follow on it.';
}

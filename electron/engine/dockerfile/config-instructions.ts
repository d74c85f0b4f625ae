import { missingArguments, soleArgument } from './arguments.ts';
import type {
  ArgInstruction,
  EnvInstruction,
  ExposeInstruction,
  KeyValue,
  LabelInstruction,
  MaintainerInstruction,
  StopsignalInstruction,
  UserInstruction,
  VolumeInstruction,
  WorkdirInstruction,
} from './ast.ts';
import { readFlags } from './flags.ts';
import { readJsonWords } from './json-form.ts';
import { quote } from './messages.ts';
import { splitQuotedWords } from './quoted-words.ts';
import { statementError } from './statement.ts';
import type { Statement } from './statement.ts';
import { splitBlank, trimmed } from './whitespace.ts';
import type { Word } from './whitespace.ts';

/** ARG: names with or without a default. Fails with DOCKERFILE_ARGUMENTS and, for an empty name, DOCKERFILE_KEY_VALUE. */
export function parseArg(statement: Statement): ArgInstruction {
  readFlags(statement, {});
  const words = splitQuotedWords(statement.args, statement.escape);
  if (words.length === 0) throw missingArguments(statement, 'ARG VERSION=1.0');
  const args = words.map((word) => {
    if (!word.text.includes('=')) return { name: word.text };
    const { key, value } = splitPair(statement, word);
    return { name: key, default: value };
  });
  return { ...statement.common, kind: 'ARG', args };
}

/** ENV: pairs, or one name and the rest of the line. Fails with DOCKERFILE_ARGUMENTS and DOCKERFILE_KEY_VALUE. */
export function parseEnv(statement: Statement): EnvInstruction {
  return { ...statement.common, kind: 'ENV', pairs: readPairs(statement) };
}

/** LABEL; written and failing as {@link parseEnv}. */
export function parseLabel(statement: Statement): LabelInstruction {
  return { ...statement.common, kind: 'LABEL', pairs: readPairs(statement) };
}

/** MAINTAINER: the rest of the line. Fails with DOCKERFILE_ARGUMENTS. */
export function parseMaintainer(statement: Statement): MaintainerInstruction {
  readFlags(statement, {});
  return {
    ...statement.common,
    kind: 'MAINTAINER',
    author: soleArgument(statement, 'MAINTAINER Ann <ann@example.com>'),
  };
}

/** EXPOSE: its words, sorted as BuildKit sorts them. Fails with DOCKERFILE_ARGUMENTS; ports are checked when expanded. */
export function parseExpose(statement: Statement): ExposeInstruction {
  readFlags(statement, {});
  const ports = splitBlank(statement.args.text).map((word) => word.text);
  if (ports.length === 0) throw missingArguments(statement, 'EXPOSE 8080');
  return { ...statement.common, kind: 'EXPOSE', ports: ports.sort() };
}

/** USER: the rest of the line. Fails with DOCKERFILE_ARGUMENTS. */
export function parseUser(statement: Statement): UserInstruction {
  readFlags(statement, {});
  return { ...statement.common, kind: 'USER', user: soleArgument(statement, 'USER node') };
}

/** WORKDIR: the rest of the line. Fails with DOCKERFILE_ARGUMENTS. */
export function parseWorkdir(statement: Statement): WorkdirInstruction {
  readFlags(statement, {});
  return { ...statement.common, kind: 'WORKDIR', path: soleArgument(statement, 'WORKDIR /app') };
}

/** STOPSIGNAL: the rest of the line. Fails with DOCKERFILE_ARGUMENTS; the signal is checked when expanded. */
export function parseStopsignal(statement: Statement): StopsignalInstruction {
  readFlags(statement, {});
  return { ...statement.common, kind: 'STOPSIGNAL', signal: soleArgument(statement, 'STOPSIGNAL SIGTERM') };
}

/** VOLUME: words, or a JSON array. Fails with DOCKERFILE_ARGUMENTS, also for an empty path. */
export function parseVolume(statement: Statement): VolumeInstruction {
  readFlags(statement, {});
  const words = readJsonWords(statement) ?? splitBlank(statement.args.text).map((word) => word.text);
  const paths = words.map((word) => trimmed(word).text);
  if (paths.length === 0) throw missingArguments(statement, 'VOLUME /data');
  if (paths.includes('')) {
    throw statementError(
      statement,
      'DOCKERFILE_ARGUMENTS',
      'VOLUME names an empty path.',
      'Write for example: VOLUME /data',
    );
  }
  return { ...statement.common, kind: 'VOLUME', paths };
}

function readPairs(statement: Statement): readonly KeyValue[] {
  readFlags(statement, {});
  const { keyword, args } = statement;
  const words = splitQuotedWords(args, statement.escape);
  const [first] = words;
  if (!first) throw missingArguments(statement, `${keyword} NAME=value`);
  if (first.text.includes('=')) return words.map((word) => splitPair(statement, word));
  const key = splitBlank(args.text)[0]!;
  const value = trimmed(args.text, key.end).text;
  if (value !== '') return [{ key: key.text, value }];
  throw pairError(
    statement,
    `${keyword} ${quote(first.text)} has no value.`,
    `Write ${keyword} ${first.text}=value`,
    first,
  );
}

function splitPair(statement: Statement, word: Word): KeyValue {
  const equals = word.text.indexOf('=');
  if (equals < 0) {
    const hint = 'Write name=value, with quotes around a value that holds spaces.';
    throw pairError(statement, `${statement.keyword} lacks a = in ${quote(word.text)}.`, hint, word);
  }
  if (equals === 0) {
    throw pairError(
      statement,
      `${statement.keyword} lacks a name in ${quote(word.text)}.`,
      'Write name=value.',
      word,
    );
  }
  return { key: word.text.slice(0, equals), value: word.text.slice(equals + 1) };
}

function pairError(statement: Statement, message: string, hint: string, word: Word) {
  return statementError(statement, 'DOCKERFILE_KEY_VALUE', message, hint, word);
}

import { argumentError } from './arguments.ts';
import type { AddInstruction, CopyInstruction } from './ast.ts';
import { withoutPlace } from './command-instructions.ts';
import { readFlags } from './flags.ts';
import { readJsonWords } from './json-form.ts';
import { quote } from './messages.ts';
import { statementError } from './statement.ts';
import type { Statement } from './statement.ts';
import { splitBlank } from './whitespace.ts';
import type { Word } from './whitespace.ts';

const COPY_FLAGS = {
  from: 'text',
  chown: 'text',
  chmod: 'text',
  link: 'switch',
  parents: 'switch',
  exclude: 'list',
} as const;

const ADD_FLAGS = {
  chown: 'text',
  chmod: 'text',
  link: 'switch',
  exclude: 'list',
  checksum: 'text',
  'keep-git-dir': 'switch',
  unpack: 'switch',
} as const;

/** COPY. Fails with DOCKERFILE_ARGUMENTS without a source and a destination, with DOCKERFILE_FLAG, DOCKERFILE_HEREDOC. */
export function parseCopy(statement: Statement): CopyInstruction {
  const flags = readFlags(statement, COPY_FLAGS);
  if (flags.from && /\$./s.test(flags.from.text)) {
    throw statementError(
      statement,
      'DOCKERFILE_FLAG',
      'The flag --from cannot hold a variable.',
      'Name a stage: FROM $IMAGE AS base, then COPY --from=base.',
      flags.from,
    );
  }
  return {
    ...statement.common,
    kind: 'COPY',
    ...readPaths(statement),
    ...optional('chown', flags.chown),
    ...optional('chmod', flags.chmod),
    ...optional('from', flags.from),
    link: flags.link ?? false,
    parents: flags.parents ?? false,
    exclude: flags.exclude.map((pattern) => pattern.text),
  };
}

/** ADD. Fails as {@link parseCopy} does, and with DOCKERFILE_ARGUMENTS where --checksum stands with several sources. */
export function parseAdd(statement: Statement): AddInstruction {
  const flags = readFlags(statement, ADD_FLAGS);
  const paths = readPaths(statement);
  if (flags.checksum && paths.sources.length + paths.heredocs.length > 1) {
    throw argumentError(statement, 'ADD with --checksum takes one source.', 'Write an ADD for each source.');
  }
  return {
    ...statement.common,
    kind: 'ADD',
    ...paths,
    ...optional('chown', flags.chown),
    ...optional('chmod', flags.chmod),
    ...optional('checksum', flags.checksum),
    ...(flags['keep-git-dir'] === undefined ? {} : { keepGitDir: flags['keep-git-dir'] }),
    ...(flags.unpack === undefined ? {} : { unpack: flags.unpack }),
    link: flags.link ?? false,
    exclude: flags.exclude.map((pattern) => pattern.text),
  };
}

function readPaths(statement: Statement): Pick<CopyInstruction, 'sources' | 'heredocs' | 'destination'> {
  const { keyword, heredocs } = statement;
  const words = readJsonWords(statement) ?? wordsOutsideHeredocs(statement);
  const last = heredocs.at(-1);
  if (last && last.end === statement.args.end) {
    throw statementError(
      statement,
      'DOCKERFILE_HEREDOC',
      `The destination of ${keyword} is a heredoc.`,
      `Name a path after it: ${keyword} <<${last.name} /path`,
      last,
    );
  }
  if (words.length + heredocs.length < 2) {
    const found = words[0] === undefined ? 'neither' : `only ${quote(words[0])}`;
    const message = `${keyword} needs a source and a destination and has ${found}.`;
    throw argumentError(statement, message, `Write for example: ${keyword} src/ /app/`);
  }
  return { sources: words.slice(0, -1), heredocs: heredocs.map(withoutPlace), destination: words.at(-1)! };
}

function wordsOutsideHeredocs({ args, heredocs }: Statement): readonly string[] {
  const gaps: string[] = [];
  let from = args.start;
  for (const heredoc of heredocs) {
    gaps.push(args.text.slice(from - args.start, heredoc.start - args.start));
    from = heredoc.end;
  }
  gaps.push(args.text.slice(from - args.start));
  return splitBlank(gaps.join(' ')).map((word) => word.text);
}

function optional<K extends string>(key: K, word: Word | undefined): Partial<Record<K, string>> {
  return (word ? { [key]: word.text } : {}) as Partial<Record<K, string>>;
}

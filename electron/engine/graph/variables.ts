import { EngineError } from '../base/errors.ts';
import { expandWord, expandWords } from '../dockerfile/expand.ts';
import type { ArgInstruction } from '../dockerfile/ast.ts';
import { formatPlatform } from '../image/platform.ts';
import type { Platform } from '../image/oci.ts';
import type { SourceRange } from '../../../shared/source-range.ts';

/** Expands words of one instruction; errors carry the instruction's place. */
export interface Expander {
  word(text: string): string;
  words(texts: readonly string[]): readonly string[];
  /** As `word`, but quotes stay: for the bodies of heredocs. */
  body(text: string): string;
}

/** An expander over one set of variables, for one instruction. */
export function expanderFor(
  variables: Pick<ReadonlyMap<string, string>, 'get'>,
  where: { readonly file: string; readonly range: SourceRange; readonly escape: '\\' | '`' },
): Expander {
  const lookup = (name: string): string | undefined => variables.get(name);
  const located = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof EngineError ? error.at(where.file, where.range) : error;
    }
  };
  return {
    word: (text) => located(() => expandWord(text, lookup, { escape: where.escape }).value),
    words: (texts) =>
      located(() => texts.flatMap((text) => expandWords(text, lookup, { escape: where.escape }).words)),
    body: (text) => located(() => expandWord(text, lookup, { escape: '\\', keepQuotes: true }).value),
  };
}

/** The variables FROM and global ARG defaults see: the platform's, then every global ARG in order; build arguments win. */
export function globalVariables(options: {
  readonly args: readonly ArgInstruction[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly platform: Platform;
  readonly buildPlatform: Platform;
  readonly targetStage: string;
  readonly file: string;
  readonly escape: '\\' | '`';
}): ReadonlyMap<string, string> {
  const { buildArgs } = options;
  const variables = new Map(
    Object.entries({
      ...platformVariables('BUILD', options.buildPlatform),
      ...platformVariables('TARGET', options.platform),
      TARGETSTAGE: options.targetStage,
    }).map(([name, value]) => [name, buildArgs[name] ?? value]),
  );
  for (const instruction of options.args) {
    const expand = expanderFor(variables, {
      file: options.file,
      range: instruction.range,
      escape: options.escape,
    });
    for (const arg of instruction.args) {
      const name = expand.word(arg.name);
      const value =
        buildArgs[name] ?? (arg.default === undefined ? variables.get(name) : expand.word(arg.default));
      if (value !== undefined) variables.set(name, value);
    }
  }
  return variables;
}

function platformVariables(prefix: 'BUILD' | 'TARGET', platform: Platform): Record<string, string> {
  return {
    [`${prefix}PLATFORM`]: formatPlatform(platform),
    [`${prefix}OS`]: platform.os,
    [`${prefix}OSVERSION`]: platform['os.version'] ?? '',
    [`${prefix}ARCH`]: platform.architecture,
    [`${prefix}VARIANT`]: platform.variant ?? '',
  };
}

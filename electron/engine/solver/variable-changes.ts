import type { VariableChange } from '../../../shared/miss-reason.ts';
import { isDigest } from '../base/digest.ts';
import type { KeyPart } from '../store/store.ts';
import { looksSecret } from './secret-names.ts';
import type { StepFacts } from './step-facts.ts';

interface Variables extends Pick<StepFacts, 'variables' | 'args'> {
  readonly parts: readonly KeyPart[];
}

/** Longest value that is told, in UTF-16 units. */
const LONGEST_VALUE = 200;

/**
 * Which variables differ: those of the environment of a RUN, and where `expanded` says that the words of the instruction came out
 * differently, those that they name. A value of what looks like a secret is not told.
 */
export function variableChanges(
  now: Variables,
  earlier: Variables,
  expanded: boolean,
): readonly VariableChange[] {
  const changes = new Map<string, VariableChange>();
  const compare = (after: ReadonlyMap<string, string>, before: ReadonlyMap<string, string>): void => {
    for (const name of new Set([...after.keys(), ...before.keys()])) {
      const [value, old] = [after.get(name), before.get(name)];
      if (value === old || changes.has(name)) continue;
      const word = now.args.includes(name) || earlier.args.includes(name) ? 'ARG' : 'ENV';
      changes.set(name, variableChange(word, name, old, value));
    }
  };
  compare(environment(now.parts), environment(earlier.parts));
  if (expanded) compare(...namedByBoth(now, earlier));
  return [...changes.values()];
}

/** A variable that only one of two texts names has not changed: the text has. */
function namedByBoth(now: Variables, earlier: Variables): [Map<string, string>, Map<string, string>] {
  const names = Object.keys(now.variables).filter((name) => Object.hasOwn(earlier.variables, name));
  const take = (from: Variables): Map<string, string> =>
    new Map(names.map((name) => [name, from.variables[name]!]));
  return [take(now), take(earlier)];
}

function variableChange(
  word: VariableChange['word'],
  name: string,
  before: string | undefined,
  after: string | undefined,
): VariableChange {
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  const common = { word, name: clip(name), change } as const;
  if (looksSecret(name) || isDigest(before) || isDigest(after)) return { ...common, secret: true };
  return {
    ...common,
    ...(before === undefined ? {} : { before: clip(before) }),
    ...(after === undefined ? {} : { after: clip(after) }),
  };
}

function environment(parts: readonly KeyPart[]): Map<string, string> {
  return new Map(
    parts.flatMap(({ kind, name, value }) =>
      kind === 'environment' ? [[name, value.slice(name.length + 1)] as const] : [],
    ),
  );
}

/** ARGs that every build has for its platform. */
export function isPlatformVariable(name: string): boolean {
  return /^(?:BUILD|TARGET)(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT)$/.test(name);
}

function clip(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

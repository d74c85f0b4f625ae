import { quote } from './messages.ts';
import { statementError } from './statement.ts';
import type { Statement } from './statement.ts';
import { suggestion } from './suggest.ts';
import type { Word } from './whitespace.ts';

/** The flags an instruction knows: a switch, a text, or a text that may be given several times. */
export type FlagTypes = Readonly<Record<string, 'switch' | 'text' | 'list'>>;

/** Values of flags; a text's place is that of its flag. Empty texts count as not given. */
export type FlagValues<T extends FlagTypes> = {
  readonly [Name in keyof T]: T[Name] extends 'list'
    ? readonly Word[]
    : (T[Name] extends 'switch' ? boolean : Word) | undefined;
};

/**
 * Checks the instruction's flags against the ones it knows. Fails with DOCKERFILE_FLAG, at the flag, for an unknown or
 * repeated one, a missing value, and a switch that is neither true nor false.
 */
export function readFlags<T extends FlagTypes>(statement: Statement, types: T): FlagValues<T> {
  const switches = new Map<string, boolean>();
  const texts = new Map<string, Word[]>();
  for (const flag of statement.flags) {
    const equals = flag.text.indexOf('=');
    const name = flag.text.slice(2, equals < 0 ? undefined : equals);
    const value = equals < 0 ? undefined : flag.text.slice(equals + 1);
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (!type) throw unknownFlag(statement, flag, name, Object.keys(types));
    if (type !== 'list' && (switches.has(name) || texts.has(name))) {
      throw flagError(statement, flag, `The flag --${name} is given twice.`, 'Keep one of them.');
    }
    if (type === 'switch') {
      switches.set(name, readSwitch(statement, flag, name, value));
    } else {
      if (value === undefined) {
        throw flagError(statement, flag, `The flag --${name} has no value.`, `Write --${name}=…`);
      }
      const given = texts.get(name);
      if (given) given.push({ ...flag, text: value });
      else texts.set(name, [{ ...flag, text: value }]);
    }
  }
  const values = Object.entries(types).map(([name, type]) => {
    if (type === 'switch') return [name, switches.get(name)];
    const given = (texts.get(name) ?? []).filter((word) => type === 'list' || word.text !== '');
    return [name, type === 'list' ? given : given[0]];
  });
  return Object.fromEntries(values) as FlagValues<T>;
}

function readSwitch(statement: Statement, flag: Word, name: string, value: string | undefined): boolean {
  if (value === undefined || value.toLowerCase() === 'true') return true;
  if (value.toLowerCase() === 'false') return false;
  const message =
    value === '' ? `The flag --${name} has no value.` : `The flag --${name} cannot be ${quote(value)}.`;
  throw flagError(statement, flag, message, `Write --${name}, --${name}=true or --${name}=false.`);
}

function unknownFlag(statement: Statement, flag: Word, name: string, known: readonly string[]) {
  const { keyword } = statement;
  const hint =
    known.length === 0
      ? `${keyword} has no flags.`
      : `Its flags are ${known.map((k) => `--${k}`).join(', ')}.`;
  const message = `${keyword} has no flag ${quote(`--${name}`)}.`;
  return flagError(statement, flag, message, suggestion(name, known, '--') ?? hint);
}

function flagError(statement: Statement, flag: Word, message: string, hint: string) {
  return statementError(statement, 'DOCKERFILE_FLAG', message, hint, flag);
}

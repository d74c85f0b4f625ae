import { EngineError } from '../engine/base/errors.ts';
import { splitCsv } from '../engine/dockerfile/csv.ts';

/** What a flag's value is refused with. */
export function flagInvalid(message: string, hint?: string): EngineError {
  return new EngineError('FLAG_INVALID', message, { hint });
}

/**
 * The `key=value` fields of a flag's value, CSV as docker has it, keys in lower case. Fails with FLAG_INVALID for a field without a
 * value, one that is not among `known`, and one that comes twice.
 */
export function flagFields(
  flag: string,
  text: string,
  known: readonly string[],
): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const field of splitCsv(text) ?? []) {
    const equals = field.indexOf('=');
    const key = (equals < 0 ? field : field.slice(0, equals)).trim().toLowerCase();
    if (!known.includes(key)) {
      throw flagInvalid(`${flag} does not know "${key}".`, `It knows ${known.join(', ')}.`);
    }
    if (equals < 0) throw flagInvalid(`The field ${key} of ${flag} has no value.`, `Write ${key}=…`);
    if (fields.has(key)) throw flagInvalid(`${flag} has ${key} twice.`);
    fields.set(key, field.slice(equals + 1));
  }
  if (fields.size === 0)
    throw flagInvalid(`${flag} "${text}" is not a list of fields.`, `It knows ${known.join(', ')}.`);
  return fields;
}

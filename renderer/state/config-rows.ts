/** A line of the config tab: what it says in a person's words. */
export interface ConfigRow {
  readonly name: string;
  readonly values: readonly string[];
}

const FIELDS: readonly (readonly [field: string, name: string])[] = [
  ['Entrypoint', 'Entrypoint'],
  ['Cmd', 'Command'],
  ['WorkingDir', 'Working directory'],
  ['User', 'User'],
  ['Env', 'Environment'],
  ['ExposedPorts', 'Ports'],
  ['Volumes', 'Volumes'],
  ['Labels', 'Labels'],
  ['StopSignal', 'Stop signal'],
  ['Shell', 'Shell'],
  ['Healthcheck', 'Health check'],
  ['OnBuild', 'On build'],
];

/**
 * What an image's config says about running it, in the order people ask. Fields that are absent or empty are left out, and
 * a field of an unexpected shape is shown as JSON: the config comes from outside.
 */
export function configRows(config: unknown): readonly ConfigRow[] {
  const root = asRecord(config);
  const run = asRecord(root['config']);
  const rows = FIELDS.map(([field, name]) => ({ name, values: valuesOf(field, run[field]) }));
  rows.push({ name: 'Author', values: valuesOf('author', root['author']) });
  return rows.filter((row) => row.values.length > 0);
}

function valuesOf(field: string, value: unknown): readonly string[] {
  if (value === undefined || value === null || value === '') return [];
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) {
    const words = value.map((word) => (typeof word === 'string' ? word : JSON.stringify(word)));
    // Words of a command belong together; quoting shows where each begins.
    const isCommand = field === 'Entrypoint' || field === 'Cmd' || field === 'Shell';
    return isCommand && words.length > 0 ? [JSON.stringify(words)] : words;
  }
  if (field === 'ExposedPorts' || field === 'Volumes') return Object.keys(asRecord(value));
  if (field === 'Labels')
    return Object.entries(asRecord(value)).map(([key, text]) => `${key}=${String(text)}`);
  return [JSON.stringify(value)];
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import * as v from 'valibot';
import { EngineError } from './errors.ts';
import { quoteForMessage } from './go-quote.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000));

const registrySchema = v.strictObject({
  mirrors: v.optional(v.array(v.string()), []),
  insecure: v.optional(v.boolean(), false),
});
const storageSchema = v.strictObject({
  maxSize: v.optional(v.union([v.string(), v.number()])),
  keepDays: v.optional(count),
  keepBuilds: v.optional(count),
});
const schema = v.strictObject({
  registries: v.optional(v.record(v.string(), registrySchema), {}),
  storage: v.optional(storageSchema, {}),
});

/** The file as it is written; what its texts mean is checked by who needs them. */
export type SettingsFile = v.InferOutput<typeof schema>;

/** `slipway/settings.json` in $XDG_CONFIG_HOME or ~/.config. */
export function settingsPath(environment: Environment): string {
  const given = environment['XDG_CONFIG_HOME'];
  const config = given && isAbsolute(given) ? given : join(environment['HOME'] || homedir(), '.config');
  return join(config, 'slipway', 'settings.json');
}

/** The user's settings; where there is no file, nothing is set. Fails with SETTINGS_INVALID, which names the file and the key. */
export async function readSettingsFile(environment: Environment): Promise<SettingsFile> {
  const path = settingsPath(environment);
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { registries: {}, storage: {} };
    throw error;
  }
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new EngineError('SETTINGS_INVALID', `${path} is not valid JSON.`, { cause: error });
  }
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const keys = (issue.path ?? []).map((item) => String(item.key));
  throw settingInvalid(
    environment,
    keys,
    issue.expected === 'never' ? 'is not known' : `must be ${issue.expected}`,
  );
}

/** What is wrong with one setting. */
export function settingInvalid(environment: Environment, keys: readonly string[], says: string): EngineError {
  const key = quoteForMessage(keys.join('.'));
  const example =
    keys[0] === 'storage'
      ? '"storage": { "maxSize": "20GB", "keepDays": 30, "keepBuilds": 20 }'
      : '"registries": { "docker.io": { "mirrors": ["https://mirror.example"], "insecure": false } }';
  return new EngineError('SETTINGS_INVALID', `In ${settingsPath(environment)}, ${key} ${says}.`, {
    hint: `It holds { ${example} }.`,
  });
}

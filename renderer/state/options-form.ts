import type { BuildOptions } from '../../shared/contract.ts';

/** The build options as a person edits them: text in fields, rows that may be half filled in. */
export interface OptionsForm {
  dockerfile: string;
  tags: string[];
  target: string;
  buildArgs: Pair[];
  labels: Pair[];
  platform: string;
  noCache: boolean;
  /** Id and file. */
  secrets: Pair[];
  ssh: boolean;
  network: 'default' | 'none';
  contexts: Pair[];
}

export interface Pair {
  key: string;
  value: string;
}

export function formOf(options: BuildOptions): OptionsForm {
  return {
    dockerfile: options.dockerfile ?? 'Dockerfile',
    tags: [...(options.tags ?? [])],
    target: options.target ?? '',
    buildArgs: pairsOf(options.buildArgs),
    labels: pairsOf(options.labels),
    platform: options.platform ?? '',
    noCache: options.noCache ?? false,
    secrets: (options.secrets ?? []).map(({ id, file }) => ({ key: id, value: file })),
    ssh: options.ssh ?? false,
    network: options.network ?? 'default',
    contexts: pairsOf(options.contexts),
  };
}

/** The options the form stands for: blank fields and rows without a name are left out, and where a name comes twice the last counts. */
export function optionsOf(form: OptionsForm): BuildOptions {
  const tags = form.tags.map((tag) => tag.trim()).filter((tag) => tag !== '');
  const buildArgs = recordOf(form.buildArgs);
  const labels = recordOf(form.labels);
  const contexts = recordOf(form.contexts);
  const secrets = Object.entries(recordOf(form.secrets) ?? {}).map(([id, file]) => ({
    id,
    file: file.trim(),
  }));
  const target = form.target.trim();
  const platform = form.platform.trim();
  return {
    dockerfile: form.dockerfile.trim() || 'Dockerfile',
    tags: [...new Set(tags)],
    ...(target === '' ? {} : { target }),
    ...(buildArgs === undefined ? {} : { buildArgs }),
    ...(labels === undefined ? {} : { labels }),
    ...(platform === '' ? {} : { platform }),
    ...(form.noCache ? { noCache: true } : {}),
    ...(secrets.length === 0 ? {} : { secrets }),
    ...(form.ssh ? { ssh: true } : {}),
    ...(form.network === 'default' ? {} : { network: form.network }),
    ...(contexts === undefined ? {} : { contexts }),
  };
}

/** What keeps the options from being used, in a sentence. */
export function optionsFault({ secrets = [], contexts = {} }: BuildOptions): string | undefined {
  const secret = secrets.find(({ file }) => !/^(\/|[A-Za-z]:[\\/])/.test(file));
  if (secret) return `The secret ${secret.id} needs the full path of its file.`;
  const name = Object.keys(contexts).find((key) => contexts[key]!.trim() === '');
  return name === undefined ? undefined : `The build context ${name} needs a folder or an image.`;
}

/** The ARGs of a Dockerfile as fields: each name once, in the file's order, with its default as the placeholder. */
export function argFields(
  declared: readonly { readonly name: string; readonly default?: string }[],
): readonly { readonly name: string; readonly placeholder: string }[] {
  const byName = new Map<string, string | undefined>();
  for (const arg of declared) byName.set(arg.name, byName.get(arg.name) ?? arg.default);
  return [...byName].map(([name, value]) => ({ name, placeholder: value ?? 'no default' }));
}

function pairsOf(record: Readonly<Record<string, string>> | undefined): Pair[] {
  return Object.entries(record ?? {}).map(([key, value]) => ({ key, value }));
}

function recordOf(pairs: readonly Pair[]): Record<string, string> | undefined {
  const named = pairs.filter((pair) => pair.key.trim() !== '');
  return named.length === 0
    ? undefined
    : Object.fromEntries(named.map((pair) => [pair.key.trim(), pair.value]));
}
